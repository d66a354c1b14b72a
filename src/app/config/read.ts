import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { textOf } from "../../kit/bytes.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import { isJsonObject } from "../../kit/json.ts";
import { checkSchema } from "../../formats/schema/check.ts";
import { schemaAt } from "../../formats/schema/json-schema.ts";
import type { ConfigDocument } from "../../formats/yaml/read.ts";
import { readConfig } from "../../formats/yaml/read.ts";
import { parseVkey } from "../../ledger/vkey.ts";
import { ioError } from "../home/durable-file.ts";
import { configSchema } from "./schema.ts";
import type { ConfigFile } from "./schema.ts";
import { completeSettings } from "./settings.ts";
import type { Env, Settings } from "./settings.ts";
import { overrides, unknownVariables } from "./variables.ts";

/** Where settings come from, weakest first: defaults, the file, CASTELLAN_* variables, command options. */
export interface SettingsSources {
  readonly cwd: string;
  readonly env: Env;
  /** Option values by camel-cased long name; `config` names the file. Others than those of `variables.ts` are not looked at. */
  readonly options: { readonly [name: string]: unknown };
}

export interface LoadedSettings {
  readonly settings: Settings;
  /** The file that was read; undefined when there is none. */
  readonly file: string | undefined;
  /** What should be told the user: variables that look like ours and mean nothing. */
  readonly warnings: readonly string[];
}

const maxFileSize = 1024 * 1024;

/**
 * Reads the settings: `castellan.yaml` in the working directory, or the file that `--config` or CASTELLAN_CONFIG names, under
 * variables and options.
 * @throws CONFIG naming file, line, column (or the variable) and the nearest valid key; USAGE for an option's value; NOT_FOUND
 *   when a file that was named does not exist; LIMIT, IO, FORBIDDEN
 */
export function readSettings({ cwd, env, options }: SettingsSources): LoadedSettings {
  const named = textOption(options["config"]) ?? (env["CASTELLAN_CONFIG"] || undefined);
  const path = resolve(cwd, named ?? "castellan.yaml");
  const text = readText(path, named !== undefined);
  const file = text === undefined ? {} : parseConfig(text, named ?? "castellan.yaml", dirname(path));
  const config = override(file, { cwd, env, options });
  return {
    settings: completeSettings(config, env, cwd),
    file: text === undefined ? undefined : path,
    warnings: unknownVariables(env),
  };
}

/**
 * castellan.yaml's content, its paths made absolute from `folder`.
 * @param where name of the file, for messages
 * @throws CONFIG, LIMIT
 */
export function parseConfig(text: string, where: string, folder: string): ConfigFile {
  // A file in which everything is commented out is as good as none.
  if (/^(?:\s|#[^\n]*(?:\n|$))*$/.test(text.slice(0, maxFileSize))) return {};
  const document = readConfig(configSchema, text, where);
  checkWitnesses(document);
  document.settle();
  const config: ConfigFile = { ...document.value };
  if (config.home !== undefined) config.home = resolve(folder, config.home);
  if (config.policy !== undefined) config.policy = resolve(folder, config.policy);
  return config;
}

function checkWitnesses(document: ConfigDocument<ConfigFile>): void {
  const { witnesses = [], quorum } = document.value.log ?? {};
  const seen = new Set<string>();
  for (const [index, { vkey }] of witnesses.entries()) {
    const path = ["log", "witnesses", index, "vkey"];
    try {
      parseVkey(vkey);
    } catch (error) {
      if (!isCastellanError(error)) throw error;
      document.complain(path, `is not a witness key: ${error.message}`, error.next);
    }
    if (seen.has(vkey)) document.complain(path, "is the key of an earlier witness: each counts once");
    seen.add(vkey);
  }
  if (quorum !== undefined && quorum > witnesses.length) {
    document.complain(["log", "quorum"], `asks for ${quorum} of ${witnesses.length} witnesses and can never be met`);
  }
}

function readText(path: string, mustExist: boolean): string | undefined {
  try {
    const { size } = statSync(path);
    if (size > maxFileSize)
      fail("LIMIT", { message: `the settings file is larger than ${maxFileSize} bytes`, where: path });
    return textOf(readFileSync(path), path);
  } catch (error) {
    if (isCastellanError(error)) throw error;
    if (!mustExist && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw ioError(error, path);
  }
}

/** `file` with what variables and options say instead. An empty variable says nothing. */
function override(file: ConfigFile, { cwd, env, options }: SettingsSources): ConfigFile {
  let config = file as Json;
  for (const { path, variable, option, isPath } of overrides) {
    const fromEnv = env[variable];
    if (fromEnv !== undefined && fromEnv !== "") config = put(config, path, checked(fromEnv, path, "CONFIG", variable));
    const fromOption = option === undefined ? undefined : textOption(options[option]);
    if (option !== undefined && fromOption !== undefined) {
      config = put(config, path, checked(fromOption, path, "USAGE", `--${option}`));
    }
    const given = fromOption ?? (fromEnv || undefined);
    if (isPath && given !== undefined) config = put(config, path, resolve(cwd, given));
  }
  const [issue] = checkSchema(configSchema, config);
  if (!issue) return config as ConfigFile;
  // Only what several variables say together can still be wrong here: an object store without its bucket.
  const missing = overrides.find(({ path }) => path.join(".") === issue.path.join("."));
  return fail("CONFIG", {
    message: `${issue.path.join(".")} ${issue.problem}`,
    where: missing?.variable,
    next: issue.next,
  });
}

/** The value a text stands for, as the schema wants it. */
function checked(text: string, path: readonly string[], code: "CONFIG" | "USAGE", where: string): Json {
  const schema = schemaAt(configSchema, path) ?? {};
  const value = schema.type === "integer" && /^\d{1,9}$/.test(text) ? Number(text) : text;
  const [issue] = checkSchema(schema, value);
  return issue ? fail(code, { message: `${where} ${issue.problem}`, where, next: issue.next }) : value;
}

function put(document: Json, path: readonly string[], value: Json): Json {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const members = isJsonObject(document) ? document : {};
  return { ...members, [key]: put(members[key] ?? {}, rest, value) };
}

function textOption(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
