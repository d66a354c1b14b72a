import type * as Ort from "onnxruntime-node";
import type { InferenceRuntime, LoadedModel, Tensor, TensorSpec } from "../../core/ports.ts";
import { fail } from "../../kit/errors.ts";
import { hasExternalData } from "../../models/onnx-external.ts";

export interface OnnxOptions {
  /** Threads one operator may use. One keeps many small models fair to each other; default 1. */
  readonly intraOpThreads?: number;
}

/** onnxruntime's tensor types and the datatypes of the Open Inference Protocol they carry. */
const datatypes: { readonly [type: string]: string } = {
  bool: "BOOL",
  uint8: "UINT8",
  uint16: "UINT16",
  uint32: "UINT32",
  uint64: "UINT64",
  int8: "INT8",
  int16: "INT16",
  int32: "INT32",
  int64: "INT64",
  float32: "FP32",
  float64: "FP64",
  string: "BYTES",
};
const types: ReadonlyMap<string, string> = new Map(Object.entries(datatypes).map(([type, name]) => [name, type]));

/**
 * Runs ONNX models with onnxruntime-node, which is loaded when the first model is. Models run on the CPU, from memory
 * only: one that refers to files outside its own bytes, or needs custom operators, is refused.
 */
export function onnxRuntime(options: OnnxOptions = {}): InferenceRuntime {
  let loading: Promise<typeof Ort> | undefined;
  return {
    async load(bytes) {
      if (hasExternalData(bytes)) {
        fail("UNSUPPORTED", {
          message: "The ONNX model keeps weights in other files, which nothing here has verified",
          next: "Save it with all tensors inside one .onnx file.",
        });
      }
      loading ??= importRuntime();
      // A failed import is tried again next time: the package may have been installed meanwhile.
      const ort = await loading.catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      const session = await createSession(ort, bytes, options.intraOpThreads ?? 1);
      return modelOf(ort, session);
    },
  };
}

async function importRuntime(): Promise<typeof Ort> {
  try {
    const module = (await import("onnxruntime-node")) as typeof Ort & { readonly default?: typeof Ort };
    return module.InferenceSession ? module : (module.default ?? module);
  } catch (cause) {
    return fail("UNAVAILABLE", {
      message: "onnxruntime-node cannot be loaded on this machine, so no ONNX model can run",
      next: "Install it (npm install onnxruntime-node) on a platform it supports: Linux, Windows, or macOS on Apple silicon.",
      cause,
    });
  }
}

async function createSession(ort: typeof Ort, bytes: Uint8Array, threads: number): Promise<Ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: ["cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
    });
  } catch (cause) {
    return fail("MALFORMED", { message: `onnxruntime cannot load the model: ${firstLine(cause)}`, cause });
  }
}

function modelOf(ort: typeof Ort, session: Ort.InferenceSession): LoadedModel {
  const inputs = session.inputMetadata.map(specOf);
  const outputs = session.outputMetadata.map(specOf);
  return {
    inputs,
    outputs,
    async run(given) {
      const feeds: Record<string, Ort.Tensor> = {};
      for (const [name, tensor] of given) {
        const type =
          types.get(tensor.datatype) ?? fail("UNSUPPORTED", `onnxruntime takes no ${tensor.datatype} tensors`);
        feeds[name] = new ort.Tensor(type as "float32", tensor.data as Float32Array, tensor.shape);
      }
      let results: Awaited<ReturnType<Ort.InferenceSession["run"]>>;
      try {
        results = await session.run(feeds);
      } catch (cause) {
        return fail("MALFORMED", { message: `The model refused the input: ${firstLine(cause)}`, cause });
      }
      return new Map(session.outputNames.map((name) => [name, tensorOf(name, results[name])]));
    },
    close: () => session.release(),
  };
}

function specOf(metadata: Ort.InferenceSession.ValueMetadata): TensorSpec {
  const datatype = metadata.isTensor ? datatypes[metadata.type] : undefined;
  if (!metadata.isTensor || datatype === undefined) {
    return fail("UNSUPPORTED", `The model's "${metadata.name}" is not a tensor of a datatype that can be served`);
  }
  return {
    name: metadata.name,
    datatype,
    shape: metadata.shape.map((size) => (typeof size === "number" && size >= 0 ? size : -1)),
  };
}

function tensorOf(name: string, tensor: Ort.OnnxValue | undefined): Tensor {
  const datatype = tensor && datatypes[tensor.type];
  if (!tensor || !datatype)
    return fail("UNSUPPORTED", `The model's output "${name}" has a datatype that cannot be served`);
  return { datatype, shape: tensor.dims, data: tensor.data };
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0]!.slice(0, 300);
}
