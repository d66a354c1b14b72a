import { proto } from "../../protobuf/testing/write.ts";

/** A node with its inputs and attributes. */
export function tfNode(
  name: string,
  op: string,
  inputs: readonly string[] = [],
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  return proto(
    [1, name],
    [2, op],
    ...inputs.map((input) => [3, input] as const),
    ...attributes.map((one) => [5, one] as const),
  );
}

/** A text attribute. */
export function textAttribute(key: string, value: string): Uint8Array {
  return proto([1, key], [2, proto([2, value])]);
}

/** The attribute that names a function. */
export function callAttribute(name: string): Uint8Array {
  return proto([1, "f"], [2, proto([10, proto([1, name])])]);
}

/** A constant text. */
export function tfText(name: string, value: string): Uint8Array {
  return tfNode(name, "Const", [], [proto([1, "value"], [2, proto([8, proto([1, 7], [2, proto()], [8, value])])])]);
}

/** A function of the library. */
export function tfFunction(name: string, nodes: readonly Uint8Array[]): Uint8Array {
  return proto([1, proto([1, name])], ...nodes.map((one) => [3, one] as const));
}

/** A GraphDef. */
export function tfGraph(nodes: readonly Uint8Array[], functions: readonly Uint8Array[] = []): Uint8Array {
  const library = functions.length > 0 ? [[2, proto(...functions.map((one) => [1, one] as const))] as const] : [];
  return proto(...nodes.map((one) => [1, one] as const), ...library, [4, proto([1, 2000])]);
}

/** A SavedModel around a graph; `more` are further fields of its MetaGraphDef. */
export function tfSavedModel(graph: Uint8Array, more: readonly (readonly [number, Uint8Array])[] = []): Uint8Array {
  return proto([1, 1], [2, proto([1, proto([4, "serve"])], [2, graph], ...more)]);
}

/** A SaverDef. */
export function tfSaver(file: string, save: string, restore: string): readonly [number, Uint8Array] {
  return [3, proto([1, file], [2, save], [3, restore])];
}

/** A signature that returns one tensor. */
export function tfSignature(tensor: string): readonly [number, Uint8Array] {
  return [5, proto([1, "serving_default"], [2, proto([2, proto([1, "out"], [2, proto([1, tensor])])])])];
}
