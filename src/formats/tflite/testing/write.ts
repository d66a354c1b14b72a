import { writeFlatBuffer } from "../../flatbuffers/testing/write.ts";
import type { Node } from "../../flatbuffers/testing/write.ts";
import { proto } from "../../protobuf/testing/write.ts";

/** A builtin operator by number, a custom one by name, or a Flex one with the NodeDef its options carry. */
export type Operator =
  | { readonly builtin: number }
  | { readonly custom: string; readonly options?: Uint8Array }
  | { readonly flex: string; readonly runs?: string };

/** A model with one subgraph of two tensors and these operators. */
export function writeTflite(parts: {
  readonly operators?: readonly Operator[];
  readonly buffer?: Node;
  readonly shape?: readonly number[];
  readonly inputs?: readonly number[];
  readonly opcode?: number;
  readonly external?: string;
}): Uint8Array {
  const { operators = [{ builtin: 0 }], shape = [2], inputs = [0] } = parts;
  const codes: Node[] = operators.map((operator) => {
    if ("builtin" in operator)
      return { table: [{ u8: Math.min(127, operator.builtin) }, undefined, { u32: 1 }, { u32: operator.builtin }] };
    return {
      table: [
        { u8: 32 },
        { text: "flex" in operator ? `Flex${operator.flex}` : operator.custom },
        { u32: 1 },
        { u32: 32 },
      ],
    };
  });
  const nodes: Node[] = operators.map((operator, index) => {
    const options =
      "flex" in operator
        ? flexOptions(operator.flex, operator.runs ?? operator.flex)
        : "custom" in operator
          ? operator.options
          : undefined;
    return {
      table: [
        { u32: parts.opcode ?? index },
        { ints: inputs },
        { ints: [1] },
        undefined,
        undefined,
        options ? { bytes: options } : undefined,
      ],
    };
  });
  const tensor = (buffer: number, name: string): Node => ({
    table: [{ ints: shape }, { u8: 0 }, { u32: buffer }, { text: name }],
  });
  const graph: Node = {
    table: [
      { tables: [tensor(1, "a"), tensor(0, "b")] },
      { ints: [0] },
      { ints: [1] },
      { tables: nodes },
      { text: "main" },
    ],
  };
  const external: Node | undefined =
    parts.external === undefined ? undefined : { tables: [{ table: [{ text: parts.external }] }] };
  return writeFlatBuffer(
    {
      table: [
        { u32: 3 },
        { tables: codes },
        { tables: [graph] },
        { text: "test" },
        { tables: [{ table: [] }, parts.buffer ?? { table: [{ bytes: Buffer.alloc(8, 1) }] }] },
        undefined,
        { tables: [{ table: [{ text: "meta" }, { u32: 1 }] }] },
        undefined,
        external,
      ],
    },
    "TFL3",
  );
}

/** FlexBuffers: a vector of the name and a NodeDef. */
function flexOptions(name: string, runs: string): Uint8Array {
  const definition = proto([1, "node"], [2, runs]);
  const first = Buffer.concat([Buffer.from([name.length]), Buffer.from(`${name}\0`)]);
  const second = Buffer.concat([Buffer.from([definition.length]), definition, Buffer.from([0])]);
  const at = first.length + second.length + 1;
  return Buffer.concat([
    first,
    second,
    Buffer.from([2, at - 1, at + 1 - (first.length + 1), 5 << 2, 5 << 2]),
    Buffer.from([4, 10 << 2, 1]),
  ]);
}
