import { proto } from "../../protobuf/testing/write.ts";

/** A NodeProto. */
export function node(op: string, domain = "", attributes: readonly Uint8Array[] = []): Uint8Array {
  return proto(
    [1, "in"],
    [2, "out"],
    [4, op],
    ...(domain ? [[7, domain] as const] : []),
    ...attributes.map((one) => [5, one] as const),
  );
}

/** An AttributeProto with one field set. */
export function attribute(name: string, value: readonly [number, string | number | Uint8Array]): Uint8Array {
  return proto([1, name], value);
}

/** A TensorProto whose raw_data has this length. */
export function tensor(name: string, type: number, dims: readonly (number | bigint)[], bytes: number): Uint8Array {
  return proto(...dims.map((dim) => [1, dim] as const), [2, type], [8, name], [9, Buffer.alloc(bytes, 1)]);
}

/** A float TensorProto that says it lies elsewhere. */
export function externalTensor(
  name: string,
  dims: readonly number[],
  entries: readonly (readonly [string, string])[],
): Uint8Array {
  return proto(
    ...dims.map((dim) => [1, dim] as const),
    [2, 1],
    [8, name],
    ...entries.map(([key, value]) => [13, proto([1, key], [2, value])] as const),
    [14, 1],
  );
}

/** A GraphProto. */
export function graphOf(nodes: readonly Uint8Array[], tensors: readonly Uint8Array[] = []): Uint8Array {
  return proto(...nodes.map((one) => [1, one] as const), [2, "graph"], ...tensors.map((one) => [5, one] as const));
}

/** A FunctionProto. */
export function functionOf(domain: string, name: string, nodes: readonly Uint8Array[]): Uint8Array {
  return proto([1, name], ...nodes.map((one) => [7, one] as const), [10, domain]);
}

/** A ModelProto. */
export function modelOf(graph: Uint8Array, functions: readonly Uint8Array[] = []): Uint8Array {
  return proto(
    [1, 8],
    [2, "test"],
    [7, graph],
    [8, proto([1, ""], [2, 17])],
    ...functions.map((one) => [25, one] as const),
  );
}
