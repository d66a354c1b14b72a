/**
 * A JSON text as it is written: members in order and with every repetition, each value with its place. Long runs of plain numbers
 * in an array are counted, not kept.
 */
export type JsonNode =
  | { readonly kind: "object"; readonly offset: number; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly offset: number; readonly items: readonly JsonNode[]; readonly count: number }
  | { readonly kind: "string" | "number" | "word"; readonly offset: number; readonly text: string };

export type JsonObject = Extract<JsonNode, { kind: "object" }>;

export interface JsonMember {
  readonly key: string;
  readonly offset: number;
  readonly value: JsonNode;
}

/** Every value `object` has under `key`: several when the key is repeated, none when it is absent or `object` is no object. */
export function valuesOf(object: JsonNode | undefined, key: string): readonly JsonNode[] {
  if (object?.kind !== "object") return [];
  return object.members.flatMap((member) => (member.key === key ? [member.value] : []));
}

/** The texts among the values under `key`. */
export function textsOf(object: JsonNode | undefined, key: string): readonly string[] {
  return valuesOf(object, key).flatMap((value) => (value.kind === "string" ? [value.text] : []));
}

/** `node` and everything inside it, outermost first. */
export function* everyNode(node: JsonNode): Generator<JsonNode, void, void> {
  const open = [node];
  for (let next = open.pop(); next; next = open.pop()) {
    yield next;
    if (next.kind === "object") for (const { value } of next.members.toReversed()) open.push(value);
    else if (next.kind === "array") for (const value of next.items.toReversed()) open.push(value);
  }
}

/** The value as one line for people, at most `most` characters. */
export function briefly(node: JsonNode, most = 200): string {
  const text = write(node, most, 0);
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

function write(node: JsonNode, most: number, depth: number): string {
  if (node.kind === "string") return JSON.stringify(node.text.slice(0, most));
  if (node.kind !== "object" && node.kind !== "array") return node.text.slice(0, most);
  if (depth > 6) return "…";
  const [open, close] = node.kind === "object" ? "{}" : "[]";
  let text = open!;
  const parts = node.kind === "object" ? node.members : node.items;
  for (const [index, part] of parts.entries()) {
    if (text.length > most) return text;
    if (index > 0) text += ", ";
    text +=
      "value" in part
        ? `${JSON.stringify(part.key)}: ${write(part.value, most, depth + 1)}`
        : write(part, most, depth + 1);
  }
  return text + close!;
}
