import { nearest } from "../../kit/nearest.ts";

/** A setting that a variable or a command's option can override. */
export interface Override {
  /** Where it stands in castellan.yaml. */
  readonly path: readonly string[];
  readonly variable: string;
  /** Camel-cased long name of the command option, where one exists. */
  readonly option?: string;
  /** Its value names a place on disk, relative to where it was given. */
  readonly isPath?: true;
}

/** Every setting that can be overridden. Lists (witnesses) cannot: they belong into the file. */
export const overrides: readonly Override[] = [
  { path: ["home"], variable: "CASTELLAN_HOME", option: "home", isPath: true },
  { path: ["policy"], variable: "CASTELLAN_POLICY", option: "policy", isPath: true },
  { path: ["gateway", "host"], variable: "CASTELLAN_GATEWAY_HOST", option: "host" },
  { path: ["gateway", "port"], variable: "CASTELLAN_GATEWAY_PORT", option: "port" },
  { path: ["store", "url"], variable: "CASTELLAN_STORE_URL" },
  { path: ["blobs", "s3", "endpoint"], variable: "CASTELLAN_BLOBS_S3_ENDPOINT" },
  { path: ["blobs", "s3", "bucket"], variable: "CASTELLAN_BLOBS_S3_BUCKET" },
  { path: ["blobs", "s3", "region"], variable: "CASTELLAN_BLOBS_S3_REGION" },
  { path: ["log", "origin"], variable: "CASTELLAN_LOG_ORIGIN" },
  { path: ["log", "quorum"], variable: "CASTELLAN_LOG_QUORUM" },
];

/** Variables that mean something without being settings of the file. */
const others = [
  "CASTELLAN_CONFIG",
  "CASTELLAN_BLOBS_S3_ACCESS_KEY_ID",
  "CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY",
  // Between our own processes, and for our own tests.
  "CASTELLAN_LAUNCHER_PID",
  "CASTELLAN_TESTS",
] as const;

/** A warning per variable that begins like ours and means nothing: most likely a typing error that silently does nothing. */
export function unknownVariables(env: { readonly [name: string]: string | undefined }): readonly string[] {
  const known: readonly string[] = [...overrides.map(({ variable }) => variable), ...others];
  return Object.keys(env)
    .filter((name) => name.startsWith("CASTELLAN_") && env[name] !== undefined && !known.includes(name))
    .sort()
    .map((name) => {
      const guess = nearest(name, known);
      const hint = guess === undefined ? `known are ${known.slice(0, 4).join(", ")} …` : `did you mean ${guess}?`;
      return `the variable ${name.slice(0, 80)} is not known and does nothing; ${hint}`;
    });
}
