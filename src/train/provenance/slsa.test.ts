import { expect, test } from "vitest";
import { digestOfHex } from "../../kit/digest.ts";
import { canonicalJson } from "../../kit/canonical-json.ts";
import { trainingProvenance } from "./slsa.ts";

const digest = digestOfHex("ab".repeat(32));

test("a training run becomes SLSA provenance whose resolved dependencies are data, code and lock file", () => {
  const predicate = trainingProvenance({
    operator: "urn:castellan:operator:anna",
    code: { uri: "https://example.org/repo", commit: "0".repeat(40) },
    lockfile: digest,
    parameters: { epochs: 3 },
    environment: { python: "3.11.7" },
    inputs: [{ name: "german-credit", digest, role: "training-data" }],
    startedAt: "2026-11-22T00:00:00Z",
  });
  expect(JSON.parse(canonicalJson(predicate))).toEqual({
    buildDefinition: {
      buildType: "urn:castellan:training-run:v1",
      externalParameters: { epochs: 3 },
      internalParameters: { environment: { python: "3.11.7" } },
      resolvedDependencies: [
        {
          name: "german-credit",
          uri: `urn:castellan:version:${digest}`,
          digest: { sha256: "ab".repeat(32) },
          annotations: { role: "training-data" },
        },
        {
          name: "source",
          uri: `git+https://example.org/repo@${"0".repeat(40)}`,
          digest: { gitCommit: "0".repeat(40) },
        },
        { name: "lockfile", digest: { sha256: "ab".repeat(32) }, annotations: { role: "lockfile" } },
      ],
    },
    runDetails: { builder: { id: "urn:castellan:operator:anna" }, metadata: { startedOn: "2026-11-22T00:00:00Z" } },
  });
});
