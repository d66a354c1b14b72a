import { join } from "node:path";
import { fail } from "../../kit/errors.ts";
import type { ConfigFile } from "./schema.ts";

/** An S3-compatible object store and the keys to it. */
export interface S3Settings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Settings with every default filled in and every path absolute. */
export interface Settings {
  readonly home: string;
  readonly policy: string;
  readonly gateway: { readonly host: string; readonly port: number };
  /** PostgreSQL when there is a URL, else SQLite in the home folder. */
  readonly store: { readonly url: string | undefined };
  /** The object store when there is one, else the home folder. */
  readonly blobs: { readonly s3: S3Settings | undefined };
  readonly log: {
    readonly origin: string;
    readonly witnesses: readonly { readonly url: string; readonly vkey: string }[];
    readonly quorum: number;
  };
}

export const defaults = {
  home: ".castellan",
  host: "127.0.0.1",
  port: 8080,
  region: "us-east-1",
  origin: "castellan.local/log",
} as const;

export type Env = { readonly [name: string]: string | undefined };

/**
 * The settings that follow from what was configured; paths in it are absolute already.
 * @param cwd where the default home lies
 * @throws CONFIG when an object store has no keys
 */
export function completeSettings(config: ConfigFile, env: Env, cwd: string): Settings {
  const home = config.home ?? join(cwd, defaults.home);
  const witnesses = config.log?.witnesses ?? [];
  return {
    home,
    policy: config.policy ?? join(home, "policy.yaml"),
    gateway: { host: config.gateway?.host ?? defaults.host, port: config.gateway?.port ?? defaults.port },
    store: { url: config.store?.url ?? (env["DATABASE_URL"] || undefined) },
    blobs: { s3: s3Settings(config, env) },
    log: {
      origin: config.log?.origin ?? defaults.origin,
      witnesses,
      quorum: config.log?.quorum ?? witnesses.length,
    },
  };
}

function s3Settings({ blobs }: ConfigFile, env: Env): S3Settings | undefined {
  if (!blobs?.s3) return undefined;
  const { endpoint, bucket, region = defaults.region } = blobs.s3;
  return {
    endpoint,
    bucket,
    region,
    accessKeyId: needed(env, "CASTELLAN_BLOBS_S3_ACCESS_KEY_ID"),
    secretAccessKey: needed(env, "CASTELLAN_BLOBS_S3_SECRET_ACCESS_KEY"),
  };
}

function needed(env: Env, variable: string): string {
  return (
    env[variable] ||
    fail("CONFIG", {
      message: "blobs.s3 names an object store, but the key to it is missing",
      where: variable,
      next: `Set ${variable}.`,
    })
  );
}
