import type { Flaw } from "../reading/flaw.ts";
import { operatorTable } from "../reading/operator-groups.ts";
import type { Effect, KnownOperator } from "../reading/operator-groups.ts";
import { leavesFolder } from "../reading/outside-path.ts";
import type { TensorflowBody, TensorflowGraph, TensorflowNode } from "./graph.ts";
import { operatorGroups } from "./operators.gen.ts";

/** An operator the graph uses, with what it is known to do where it is used. */
export interface TensorflowUse {
  readonly id: string;
  readonly count: number;
  readonly offset: number;
  readonly known: KnownOperator | undefined;
}

/** The graph's doors: where it is entered for serving, and where for saving and restoring. */
export interface GraphDoors {
  /** Names of tensors or nodes of the saver. */
  readonly saver: readonly string[];
  /** Names of tensors or nodes that signatures return, or that run when the model is loaded. */
  readonly serving: readonly string[];
  /** False for a bare graph, which does not say which of its nodes are its saver. */
  readonly complete: boolean;
}

const saverOperators: { readonly [op: string]: number } = { SaveV2: 0, RestoreV2: 0, MergeV2Checkpoints: 1 };
const tableOperators: { readonly [op: string]: number } = {
  InitializeTableFromTextFile: 1,
  InitializeTableFromTextFileV2: 1,
};
const inSaver: KnownOperator = { effect: "state", why: "it saves and restores the model's own variables" };
const deepestTrace = 12;

/** Judges every operator of a graph where it stands; flaws are for constants that name places outside the model. */
export function judgeGraph(
  graph: TensorflowGraph,
  doors: GraphDoors,
  flaw: (flaw: Flaw) => void,
): readonly TensorflowUse[] {
  const table = operatorTable(operatorGroups);
  const bodies = new Map(graph.functions.map((body) => [body.name, body]));
  const saving = reach(graph.main, doors.saver, bodies);
  const serving = reach(graph.main, doors.serving, bodies);
  const uses = new Map<string, TensorflowUse>();
  for (const body of [graph.main, ...graph.functions]) {
    for (const [name, node] of body.nodes) {
      const known = judgeNode(node, body, table.get(node.op), () =>
        body === graph.main
          ? saving.nodes.has(name) || !serving.nodes.has(name)
          : saving.functions.has(body.name) && !serving.functions.has(body.name),
      );
      if (known) judgePaths(node, body, known.effect, flaw);
      const key = `${node.op} ${known?.effect ?? "unknown"} ${known?.why ?? ""}`;
      const use = uses.get(key);
      uses.set(key, use ? { ...use, count: use.count + 1 } : { id: node.op, count: 1, offset: node.offset, known });
    }
    for (const { op, calls } of body.nodes.values()) {
      // Calling a function that the library lacks ends in an error; a name that is neither function nor operator is reported once.
      for (const call of calls)
        if (!bodies.has(call) && !table.has(call))
          uses.set(`${op} ${call}`, { id: call, count: 1, offset: 0, known: undefined });
    }
  }
  for (const name of bodies.keys()) uses.delete(`${name} unknown `);
  return [...uses.values()];

  function judgeNode(
    node: TensorflowNode,
    body: TensorflowBody,
    known: KnownOperator | undefined,
    isSaver: () => boolean,
  ): KnownOperator | undefined {
    if (node.op in saverOperators) {
      if (isSaver()) return inSaver;
      // A graph without its saver's description: ordinary when the file's name comes from outside or stays beside the model.
      return doors.complete
        ? known
        : { effect: "state", why: "it saves or restores variables under a name that is given when it is run" };
    }
    const stream = node.attributes.get("output_stream") ?? "";
    if (node.op === "PrintV2" && stream.startsWith("file:")) {
      return {
        effect: "writes",
        why: `it writes to the file in its attribute, ${JSON.stringify(stream.slice(0, 200))}`,
      };
    }
    const descriptions = node.attributes.get("descriptor_source") ?? "";
    if (/^(?:DecodeProtoV2|EncodeProto)$/.test(node.op) && !/^(?:local:\/\/|bytes:\/\/|$)/.test(descriptions)) {
      return {
        effect: "reads",
        why: `it reads message descriptions from ${JSON.stringify(descriptions.slice(0, 200))}`,
      };
    }
    if (known && (known.effect === "reads" || known.effect === "writes")) {
      const paths = traceTexts(body, node.inputs)
        .filter((text) => text !== "")
        .slice(0, 3);
      if (paths.length > 0)
        return {
          effect: known.effect,
          why: `${known.why}; constants it is given: ${paths.map((path) => JSON.stringify(path.slice(0, 200))).join(", ")}`,
        };
    }
    return known;
  }
}

/** Paths of savers and tables must stay inside the model. */
function judgePaths(node: TensorflowNode, body: TensorflowBody, effect: Effect, flaw: (flaw: Flaw) => void): void {
  const index = saverOperators[node.op] ?? tableOperators[node.op];
  if (index === undefined || effect !== "state") return;
  const input = node.inputs[index];
  for (const path of input === undefined ? [] : traceTexts(body, [input])) {
    const why = path === "" ? undefined : leavesFolder(path);
    // Savers put "/part" behind the name they are given.
    if (why && path !== "/part") report(why, path);
  }
  function report(why: string, path: string): void {
    flaw({
      rule: "outside-path",
      severity: "high",
      why: `${node.op} is given the path ${JSON.stringify(path.slice(0, 200))}: ${why}`,
      offset: node.offset,
    });
  }
}

/** Constant texts from which the inputs are made. */
function traceTexts(body: TensorflowBody, inputs: readonly string[]): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const follow = (names: readonly string[], depth: number): void => {
    for (const name of names) {
      const id = nodeName(name);
      const node = body.nodes.get(id);
      if (!node || seen.has(id) || depth > deepestTrace || seen.size > 1000) continue;
      seen.add(id);
      found.push(...node.texts);
      if (node.op !== "StaticRegexFullMatch") follow(node.inputs, depth + 1);
    }
  };
  follow(inputs, 0);
  return found;
}

/** Nodes of the main graph above `names`, and functions reached from them. */
function reach(
  main: TensorflowBody,
  names: readonly string[],
  bodies: ReadonlyMap<string, TensorflowBody>,
): { readonly nodes: ReadonlySet<string>; readonly functions: ReadonlySet<string> } {
  const nodes = new Set<string>();
  const functions = new Set<string>();
  const open = names.map(nodeName).filter((name) => main.nodes.has(name));
  const calls: string[] = [];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (nodes.has(name)) continue;
    nodes.add(name);
    const node = main.nodes.get(name);
    open.push(...(node?.inputs ?? []).map(nodeName).filter((input) => main.nodes.has(input)));
    calls.push(...(node?.calls ?? []));
  }
  for (let call = calls.pop(); call !== undefined; call = calls.pop()) {
    if (functions.has(call)) continue;
    functions.add(call);
    for (const node of bodies.get(call)?.nodes.values() ?? []) calls.push(...node.calls);
  }
  return { nodes, functions };
}

/** The node of a tensor or control input: "^a", "a:0", "a:out:0". */
function nodeName(input: string): string {
  const plain = input.startsWith("^") ? input.slice(1) : input;
  const colon = plain.indexOf(":");
  return colon < 0 ? plain : plain.slice(0, colon);
}
