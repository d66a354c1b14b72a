import dagre from "@dagrejs/dagre";
import { escapeHtml } from "../html/escape.ts";

/** A box of the graph: a title, smaller lines under it, and how it stands. */
export interface GraphNode {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly string[];
  readonly tone: "good" | "bad" | "open" | "plain";
  /** Drawn with a heavier border: what the graph is about. */
  readonly focus?: boolean;
}

/** An arrow between boxes, with a short label. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label: string;
}

const characterWidth = 7.4;
const lineHeight = 18;
const colours = { good: "#1a7f4b", bad: "#b42318", open: "#9a6700", plain: "#5b6675" } as const;

/**
 * A directed graph as a stand-alone SVG document, laid out left to right in layers (Sugiyama's method, by dagre).
 * Texts are escaped; edges whose ends are not among the nodes are left out.
 */
export function graphSvg(title: string, nodes: readonly GraphNode[], edges: readonly GraphEdge[]): string {
  const layout = new dagre.graphlib.Graph({ multigraph: true });
  layout.setGraph({ rankdir: "LR", nodesep: 24, ranksep: 70, marginx: 12, marginy: 12 });
  layout.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes) {
    const widest = Math.max(...[node.title, ...node.lines].map((line) => Array.from(line).length));
    layout.setNode(node.id, { width: widest * characterWidth + 24, height: (node.lines.length + 1) * lineHeight + 16 });
  }
  const drawn = edges.filter(({ from, to }) => layout.hasNode(from) && layout.hasNode(to));
  for (const [index, { from, to, label }] of drawn.entries()) {
    layout.setEdge(from, to, { width: label.length * 6, height: 12, labelpos: "c" }, String(index));
  }
  dagre.layout(layout);
  const { width = 0, height = 0 } = layout.graph() as { width?: number; height?: number };
  const arrows = drawn.map((edge, index) => arrow(edge, layout.edge(edge.from, edge.to, String(index)) as Route));
  const boxes = nodes.map((node) => box(node, layout.node(node.id) as Place));
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" viewBox="0 0 ${round(width)} ${round(height)}" role="img" font-family="system-ui,sans-serif">
<title>${escapeHtml(title)}</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#5b6675"/></marker></defs>
${arrows.join("\n")}
${boxes.join("\n")}
</svg>
`;
}

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Route {
  readonly points: readonly { readonly x: number; readonly y: number }[];
  readonly x?: number;
  readonly y?: number;
}

function box(node: GraphNode, { x, y, width, height }: Place): string {
  const left = x - width / 2;
  const top = y - height / 2;
  const colour = colours[node.tone];
  const lines = node.lines.map(
    (line, index) =>
      `<text x="${round(left + 12)}" y="${round(top + 22 + (index + 1) * lineHeight)}" font-size="12" fill="#5b6675">${escapeHtml(line)}</text>`,
  );
  return `<g><rect x="${round(left)}" y="${round(top)}" width="${round(width)}" height="${round(height)}" rx="5" fill="#ffffff" stroke="${colour}" stroke-width="${node.focus ? 3 : 1.3}"/>
<text x="${round(left + 12)}" y="${round(top + 22)}" font-size="13" font-weight="600" fill="#1c2430">${escapeHtml(node.title)}</text>
${lines.join("\n")}</g>`;
}

function arrow({ label }: GraphEdge, { points, x, y }: Route): string {
  const path = points.map((point, index) => `${index === 0 ? "M" : "L"}${round(point.x)} ${round(point.y)}`).join("");
  const text =
    x === undefined || y === undefined
      ? ""
      : `<text x="${round(x)}" y="${round(y - 4)}" font-size="11" text-anchor="middle" fill="#5b6675">${escapeHtml(label)}</text>`;
  return `<path d="${path}" fill="none" stroke="#5b6675" stroke-width="1.2" marker-end="url(#head)"/>${text}`;
}

const round = (value: number): number => Math.round(value * 10) / 10;
