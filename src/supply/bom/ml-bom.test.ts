import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { Ajv, type AnySchemaObject } from "ajv";
import addFormats from "ajv-formats";
import { expect, test } from "vitest";
import { digestOfHex } from "../../kit/digest.ts";
import { sha256Hex, utf8 } from "../../kit/bytes.ts";
import { type BomAsset, mlBom } from "./ml-bom.ts";
import { commonLicences } from "./spdx.ts";

const schemas = new URL("../../../../shared/data/vectors/cyclonedx/", import.meta.url);
const digest = (text: string) => digestOfHex(sha256Hex(utf8(text)));
const data: BomAsset = {
  kind: "dataset",
  name: "german-credit",
  digest: digest("data"),
  files: [{ path: "train.csv", size: 3, digest: digest("csv") }],
  licence: "CC-BY-4.0",
  origin: "https://archive.ics.uci.edu/dataset/144",
  inputs: [],
};
const model: BomAsset = {
  kind: "model",
  name: "credit",
  digest: digest("model"),
  files: [{ path: "model.onnx", size: 3, digest: digest("onnx") }],
  licence: "our own terms, see contract",
  inputs: [data.digest, digest("unknown")],
};
const parts = {
  timestamp: "2026-11-22T00:00:00.000Z",
  toolVersion: "0.1.0",
  knownLicences: commonLicences,
  card: { task: "classification", considerations: { limitations: ["1,000 rows"] } },
};

test("the bill of materials is valid by the official CycloneDX 1.7 schema", () => {
  if (!existsSync(schemas)) return console.log("not run: ../shared/data absent");
  const read = (name: string) =>
    JSON.parse(gunzipSync(readFileSync(new URL(name, schemas))).toString()) as AnySchemaObject;
  const ajv = new Ajv({ strict: false, validateFormats: true });
  addFormats.default(ajv);
  ajv.addFormat("iri-reference", true).addFormat("idn-email", true);
  for (const name of ["spdx", "jsf-0.82", "cryptography-defs"]) ajv.addSchema(read(`${name}.schema.json.gz`));
  const validate = ajv.compile(read("bom-1.7.schema.json.gz"));
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  void validate(plain(mlBom(model, [data], parts)));
  expect(validate.errors).toBeNull();
  expect(validate(plain({ ...(mlBom(model, [data], parts) as object), specVersion: 17 }))).toBe(false);
});

test("it names the model as subject, its data as components, and only dependencies it holds", () => {
  const bom = JSON.parse(JSON.stringify(mlBom(model, [data], parts))) as Record<string, never>;
  expect(bom).toMatchObject({
    metadata: {
      component: {
        type: "machine-learning-model",
        version: model.digest,
        licenses: [{ license: { name: "our own terms, see contract" } }],
      },
    },
    components: [{ type: "data", name: "german-credit", licenses: [{ license: { id: "CC-BY-4.0" } }] }],
    dependencies: [{ dependsOn: [`urn:castellan:version:${data.digest}`] }, { dependsOn: [] }],
  });
});

test("the same model has the same serial number, and it is a UUID", () => {
  const serial = (asset: BomAsset) => (mlBom(asset, [], parts) as { serialNumber: string }).serialNumber;
  expect(serial(model)).toBe(serial(model));
  expect(serial(model)).not.toBe(serial(data));
  expect(serial(model)).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
