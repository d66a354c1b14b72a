// Written by "npm run gen" from the files in src/scan/readers. Do not edit.
import type { Reader } from "./reader.ts";
import bzip2Reader from "./readers/bzip2.ts";
import chatTemplateSettingsReader from "./readers/chat-template-settings.ts";
import chatTemplateReader from "./readers/chat-template.ts";
import coremlReader from "./readers/coreml.ts";
import ggufReader from "./readers/gguf.ts";
import gzipReader from "./readers/gzip.ts";
import hdf5Reader from "./readers/hdf5.ts";
import jsonReader from "./readers/json.ts";
import kerasConfigReader from "./readers/keras-config.ts";
import kerasReader from "./readers/keras.ts";
import lightgbmReader from "./readers/lightgbm.ts";
import lz4Reader from "./readers/lz4.ts";
import lzmaReader from "./readers/lzma.ts";
import modelSettingsYamlReader from "./readers/model-settings-yaml.ts";
import modelSettingsReader from "./readers/model-settings.ts";
import npyReader from "./readers/npy.ts";
import onnxOrtReader from "./readers/onnx-ort.ts";
import onnxReader from "./readers/onnx.ts";
import pickleReader from "./readers/pickle.ts";
import pmmlReader from "./readers/pmml.ts";
import safetensorsReader from "./readers/safetensors.ts";
import sevenzipReader from "./readers/sevenzip.ts";
import skopsSchemaReader from "./readers/skops-schema.ts";
import skopsReader from "./readers/skops.ts";
import tarReader from "./readers/tar.ts";
import tensorflowTextReader from "./readers/tensorflow-text.ts";
import tensorflowReader from "./readers/tensorflow.ts";
import tfliteReader from "./readers/tflite.ts";
import torchTarReader from "./readers/torch-tar.ts";
import torchReader from "./readers/torch.ts";
import torchscriptReader from "./readers/torchscript.ts";
import xgboostReader from "./readers/xgboost.ts";
import xzReader from "./readers/xz.ts";
import zfileReader from "./readers/zfile.ts";
import zipReader from "./readers/zip.ts";
import zlibReader from "./readers/zlib.ts";
import zstdReader from "./readers/zstd.ts";

export const readers: readonly Reader[] = [
  bzip2Reader,
  chatTemplateSettingsReader,
  chatTemplateReader,
  coremlReader,
  ggufReader,
  gzipReader,
  hdf5Reader,
  jsonReader,
  kerasConfigReader,
  kerasReader,
  lightgbmReader,
  lz4Reader,
  lzmaReader,
  modelSettingsYamlReader,
  modelSettingsReader,
  npyReader,
  onnxOrtReader,
  onnxReader,
  pickleReader,
  pmmlReader,
  safetensorsReader,
  sevenzipReader,
  skopsSchemaReader,
  skopsReader,
  tarReader,
  tensorflowTextReader,
  tensorflowReader,
  tfliteReader,
  torchTarReader,
  torchReader,
  torchscriptReader,
  xgboostReader,
  xzReader,
  zfileReader,
  zipReader,
  zlibReader,
  zstdReader,
];
