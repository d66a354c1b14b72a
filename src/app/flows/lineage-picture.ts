import type { Lineage, LineageNode } from "../../registry/lineage.ts";
import { htmlPage } from "../../report/html/page.ts";
import { htmlTable } from "../../report/html/table.ts";
import { type GraphNode, graphSvg } from "../../report/svg/graph.ts";

/** How a version stands, in a word or two. */
export function standing({ state, flaggedBy }: Pick<LineageNode, "state" | "flaggedBy">): string {
  if (state !== "live") return state;
  return flaggedBy ? "made from revoked or erased data" : "live";
}

/** A lineage as an SVG picture: data to the left, what was made from it to the right. */
export function lineageSvg(lineage: Lineage): string {
  const nodes = lineage.nodes.map((node): GraphNode => {
    const notes = [
      `${node.kind} ${node.digest.slice(0, 19)}…`,
      ...(node.licence ? [node.licence] : []),
      standing(node),
    ];
    const tone = node.state !== "live" ? "bad" : node.flaggedBy ? "open" : "good";
    return { id: node.digest, title: node.name, lines: notes, tone, focus: node.relation === "self" };
  });
  const edges = lineage.edges.map(({ from, to, role }) => ({ from, to, label: role }));
  return graphSvg(`Lineage of ${lineage.root}`, nodes, edges);
}

/** The picture and its facts as a self-contained page. */
export function lineagePage(lineage: Lineage): string {
  const root = lineage.nodes.find(({ digest }) => digest === lineage.root);
  const rows = lineage.nodes.map((node) => [
    node.name,
    node.kind,
    { text: node.digest, class: "digest" },
    { text: standing(node), class: node.state !== "live" ? "fail" : node.flaggedBy ? "undecided" : "pass" },
    node.licence ?? "",
    node.origin ?? "",
    node.registeredAt,
  ]);
  return htmlPage({
    title: `Lineage of ${root?.name ?? lineage.root}`,
    lead: `${lineage.root}: what it was made from, and what was made from it.${lineage.truncated ? " There is more than is shown." : ""}`,
    body: `<figure>${lineageSvg(lineage)}</figure>${htmlTable(["name", "kind", "version", "state", "licence", "origin", "registered"], rows)}`,
    footer: "Written by castellan. Every version shown was checked against its signed registration.",
  });
}

/** The lineage as an indented tree for the terminal: ancestors above with "made from", descendants with "used by". */
export function lineageLines(lineage: Lineage): string[] {
  const byDigest = new Map(lineage.nodes.map((node) => [node.digest, node]));
  const line = (node: LineageNode): string =>
    `${node.name}@${node.digest.slice(0, 19)}… (${node.kind}, ${standing(node)})`;
  const lines: string[] = [];
  const visit = (
    digest: LineageNode["digest"],
    direction: "up" | "down",
    depth: number,
    seen: ReadonlySet<string>,
  ): void => {
    for (const { from, to, role } of lineage.edges) {
      const next = direction === "up" ? from : to;
      const node = (direction === "up" ? to : from) === digest && !seen.has(next) ? byDigest.get(next) : undefined;
      if (!node) continue;
      lines.push(`${"  ".repeat(depth)}${direction === "up" ? "made from" : "used by"} ${line(node)} as ${role}`);
      visit(next, direction, depth + 1, new Set([...seen, next]));
    }
  };
  const root = byDigest.get(lineage.root);
  if (root) lines.push(line(root));
  visit(lineage.root, "up", 1, new Set([lineage.root]));
  visit(lineage.root, "down", 1, new Set([lineage.root]));
  if (lineage.truncated) lines.push("… there is more than is shown");
  return lines;
}
