import { fail } from "../../kit/errors.ts";
import { checkSchema } from "../schema/check.ts";
import type { Path } from "../schema/check.ts";
import type { Infer, JsonSchema } from "../schema/json-schema.ts";
import { formatPath } from "../schema/path.ts";
import { configLimits, loadYaml } from "./load.ts";
import type { YamlLimits } from "./load.ts";
import type { Spot } from "./spot.ts";

/** A configuration file that has the form its schema asks for, with a way to complain about what the form cannot say. */
export interface ConfigDocument<T> {
  readonly value: T;
  /** "file:line:column" of the value at `path`, or of its key. */
  at(path: Path, about?: "key" | "value"): string;
  /** Notes that the value at `path` cannot be used. `problem` continues a sentence that starts with the path. */
  complain(path: Path, problem: string, next?: string, about?: "key" | "value"): void;
  /** @throws CONFIG naming every complaint, first things first; returns when there is none */
  settle(): void;
}

interface Complaint {
  readonly spot: Spot;
  readonly message: string;
  readonly next: string | undefined;
}

/**
 * Reads a YAML or JSON file against `schema`. Every error names file, line and column; an unknown key names the nearest valid one.
 * @param where name of the file, for messages
 * @throws CONFIG when it is not YAML or does not fit the schema; LIMIT when it is too large
 */
export function readConfig<const S extends JsonSchema>(
  schema: S,
  text: string,
  where: string,
  limits: YamlLimits = configLimits,
): ConfigDocument<Infer<S>> {
  const loaded = loadYaml(text, where, limits);
  const complaints: Complaint[] = [];
  const document: ConfigDocument<Infer<S>> = {
    value: loaded.value as Infer<S>,
    at(path, about = "value") {
      return place(where, loaded.spot(path, about));
    },
    complain(path, problem, next, about = "value") {
      complaints.push({ spot: loaded.spot(path, about), message: `${formatPath(path)} ${problem}`, next });
    },
    settle() {
      const [first, ...others] = complaints.toSorted(
        (a, b) => a.spot.line - b.spot.line || a.spot.column - b.spot.column,
      );
      if (!first) return;
      const more = others.map((other) => `\n  ${place(where, other.spot)}: ${other.message}`);
      fail("CONFIG", { message: first.message + more.join(""), where: place(where, first.spot), next: first.next });
    },
  };
  for (const { path, problem, next, about } of checkSchema(schema, loaded.value)) {
    document.complain(path, problem, next, about);
  }
  document.settle();
  return document;
}

function place(where: string, { line, column }: Spot): string {
  return `${where}:${line}:${column}`;
}
