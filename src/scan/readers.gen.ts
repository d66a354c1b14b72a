// Written by "npm run gen" from the files in src/scan/readers. Do not edit.
import type { Reader } from "./reader.ts";
import ggufReader from "./readers/gguf.ts";
import gzipReader from "./readers/gzip.ts";
import jsonReader from "./readers/json.ts";
import kerasConfigReader from "./readers/keras-config.ts";
import kerasReader from "./readers/keras.ts";
import npyReader from "./readers/npy.ts";
import safetensorsReader from "./readers/safetensors.ts";
import tarReader from "./readers/tar.ts";
import zipReader from "./readers/zip.ts";

export const readers: readonly Reader[] = [
  ggufReader,
  gzipReader,
  jsonReader,
  kerasConfigReader,
  kerasReader,
  npyReader,
  safetensorsReader,
  tarReader,
  zipReader,
];
