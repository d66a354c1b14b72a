/** A layer or other object as Keras 3 writes it. */
export function kerasObject(
  module: string | null,
  className: string,
  config: unknown = {},
  registered: string | null = null,
): object {
  return { module, class_name: className, config, registered_name: registered };
}

/** A Sequential model of `layers`. */
export function kerasModel(...layers: readonly unknown[]): object {
  return {
    ...kerasObject("keras", "Sequential", {
      name: "m",
      layers: [kerasObject("keras.layers", "InputLayer", { batch_shape: [null, 4] }), ...layers],
    }),
    compile_config: { optimizer: kerasObject("keras.optimizers", "Adam"), loss: "mse", metrics: ["accuracy"] },
  };
}

/** What marshal makes of some function, in base64 (a code object's head and two names are enough for tests). */
export const marshalled = Buffer.concat([
  Buffer.from([0xe3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from([0xda, 6]),
  Buffer.from("system"),
  Buffer.from([0xfa, 7]),
  Buffer.from("echo hi"),
]).toString("base64");
