import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** One file of a corpus. Paths are relative to the corpus's folder. */
export interface Sample {
  readonly id: string;
  readonly file: string;
  /** The technique of a malicious sample, the family of a benign one. */
  readonly technique: string;
  readonly advisories: readonly string[];
}

/** A corpus as written by its generator. */
export interface Corpus {
  readonly folder: string;
  readonly samples: readonly Sample[];
  /** What the generator left out, and why. */
  readonly skipped: readonly string[];
}

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../../.cache/corpora/", import.meta.url));

/**
 * Has the generator of test/corpora/<kind> write its samples, once per version of the generator (they are kept in .cache/corpora and
 * never committed). Undefined, and said so, when there is no python3; in continuous integration that is an error.
 */
export function corpus(kind: "malicious" | "benign"): Corpus | undefined {
  const python = interpreter();
  if (python === undefined) {
    if (process.env["CI"] === "true") throw new Error("python3 is needed to write the corpora");
    console.log("not run: python3 absent");
    return undefined;
  }
  const folder = join(cache, `${kind}-${version(join(here, kind), python)}`);
  if (!existsSync(folder)) {
    mkdirSync(cache, { recursive: true });
    const draft = mkdtempSync(join(cache, "draft-"));
    try {
      const { status, stderr } = spawnSync(python, ["-B", join(here, kind, "generate.py"), draft], {
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(`the ${kind} corpus could not be written: ${stderr}`);
      if (!existsSync(folder)) renameSync(draft, folder);
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  return { folder, ...readIndex(readFileSync(join(folder, "index.json"), "utf8")) };
}

/** Samples shown to execute by the oracle run that is kept beside the generator. */
export function executing(): ReadonlySet<string> {
  const { samples }: { samples: Record<string, { executed?: boolean }> } = JSON.parse(
    readFileSync(join(here, "malicious", "oracle.json"), "utf8"),
  );
  return new Set(Object.keys(samples).filter((id) => samples[id]?.executed === true));
}

interface Entry {
  readonly id: string;
  readonly file: string;
  readonly technique?: string;
  readonly family?: string;
  readonly advisories?: readonly string[];
}

function readIndex(text: string): Pick<Corpus, "samples" | "skipped"> {
  const index: Entry[] | { files: Entry[]; skipped: { family: string; name?: string; why: string }[] } =
    JSON.parse(text);
  const entries = Array.isArray(index) ? index : index.files;
  return {
    samples: entries.map(({ id, file, technique, family, advisories }) => ({
      id,
      file,
      technique: technique ?? family ?? "",
      advisories: advisories ?? [],
    })),
    skipped: Array.isArray(index)
      ? []
      : index.skipped.map(({ family, name, why }) => `${family} ${name ?? ""}: ${why}`),
  };
}

/** Debian's interpreter has the libraries of the benign corpus; any other Python 3 will do for the malicious one. */
function interpreter(): string | undefined {
  return ["/usr/bin/python3", "python3"].find((name) => spawnSync(name, ["--version"]).status === 0);
}

function version(folder: string, python: string): string {
  const hash = createHash("sha256").update(spawnSync(python, ["--version"], { encoding: "utf8" }).stdout);
  for (const name of readdirSync(folder).sort())
    if (name.endsWith(".py")) hash.update(name).update(readFileSync(join(folder, name)));
  return hash.digest("hex").slice(0, 16);
}
