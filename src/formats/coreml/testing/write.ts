import { proto } from "../../protobuf/testing/write.ts";

/** A Core ML model of one type. */
export function coreml(type: readonly [number, Uint8Array]): Uint8Array {
  const feature = proto([1, "x"], [3, proto([2, proto()])]);
  return proto([1, 7], [2, proto([1, feature], [10, feature], [100, proto([1, "a model"], [3, "somebody"])])], type);
}

/** A neural network of these layers, or of one of Apple's own. */
export function network(...layers: readonly Uint8Array[]): Uint8Array {
  const own = proto([1, "dense"], [2, "x"], [3, "y"], [140, proto([1, 3], [2, 2])]);
  return proto(...(layers.length > 0 ? layers : [own]).map((layer) => [1, layer] as const));
}

/** A layer run by a class of the application. */
export function customLayer(className: string): Uint8Array {
  return proto([1, "c"], [2, "x"], [3, "y"], [500, proto([10, className])]);
}

/** A model that is an ML program with one constant in another file. */
export function mlProgram(file: string): Uint8Array {
  const value = proto([2, proto()], [5, proto([1, file], [2, 64])]);
  const operation = proto([1, "const"], [5, proto([1, "val"], [2, value])]);
  const block = proto([2, "y"], [3, operation]);
  const main = proto([2, "CoreML7"], [3, proto([1, "CoreML7"], [2, block])]);
  return coreml([502, proto([1, 1], [2, proto([1, "main"], [2, main])])]);
}
