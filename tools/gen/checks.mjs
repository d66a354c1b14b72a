// Writes the static lists of checks (src/app/checks.gen.ts) and of readers (src/scan/readers.gen.ts) from what is on disk,
// and refuses entries that do not say what they must.
import { existsSync, globSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";

const severities = ["critical", "high", "medium", "low", "info"];
const families = ["model", "container", "other"];
const certainReference =
  /^(cwe:\d+|atlas:AML\.[TM]\d{4}(\.\d{3})?|owasp-[a-z0-9-]+:[A-Z0-9.-]+|cve:CVE-\d{4}-\d+|ghsa:GHSA-[0-9a-z-]+|https:\/\/\S+)$/;

/**
 * The generated module's text for the check files under `root`/src/<room>/checks.
 * @param {boolean} strict fail for an entry without a test (else say so and go on: it may be under way)
 */
export async function checksModule(root, strict) {
  const entries = [];
  for (const path of sources(root, "src/*/checks/**/*.ts")) {
    const { default: check } = await import(pathToFileURL(join(root, path)).href);
    const id = path.replace(/^src\/([^/]+)\/checks\//, "$1/").replace(/\.ts$/, "");
    const problems = [
      check?.id === id ? "" : `its id is ${JSON.stringify(check?.id)}, but its path says ${JSON.stringify(id)}`,
      typeof check?.see === "function" ? "" : "it has no see()",
      typeof check?.asks === "string" ? "" : "it does not say what it asks for",
      severities.includes(check?.severity) ? "" : `severity ${JSON.stringify(check?.severity)} is none`,
      check?.title ? "" : "it has no title",
      check?.fix ? "" : "it has no fix",
      check?.refs?.length ? "" : "it has no reference",
      ...(check?.refs ?? []).map((ref) =>
        certainReference.test(ref) ? "" : `reference ${JSON.stringify(ref)} has no known form`,
      ),
    ];
    complain(path, problems);
    needsTest(root, path, strict);
    entries.push({
      id,
      asks: check.asks,
      title: check.title,
      severity: check.severity,
      needs: check.needs ?? [],
      path,
    });
  }
  return [
    '// Written by "npm run gen" from the files in src/<room>/checks. Do not edit.',
    'import type { CheckEntry } from "../scan/check-list.ts";',
    "",
    "export const checkIndex: readonly CheckEntry[] = [",
    ...entries.map(
      ({ path, ...entry }) =>
        `  { ${Object.entries(entry)
          .map(([key, value]) => `${key}: ${JSON.stringify(value)}`)
          .join(
            ", ",
          )}, load: async () => (await import(${JSON.stringify(`../${path.slice("src/".length)}`)})).default },`,
    ),
    "];",
    "",
  ].join("\n");
}

/** The generated module's text for the reader files in src/scan/readers. @param {boolean} strict as for {@link checksModule} */
export async function readersModule(root, strict) {
  const names = [];
  for (const path of sources(root, "src/scan/readers/*.ts")) {
    const { default: reader } = await import(pathToFileURL(join(root, path)).href);
    const kind = basename(path, ".ts");
    complain(path, [
      reader?.kind === kind
        ? ""
        : `its kind is ${JSON.stringify(reader?.kind)}, but its file's name says ${JSON.stringify(kind)}`,
      reader?.title ? "" : "it has no title",
      families.includes(reader?.family)
        ? ""
        : `family ${JSON.stringify(reader?.family)} is none of ${families.join(", ")}`,
      typeof reader?.recognise === "function" && typeof reader?.read === "function"
        ? ""
        : "it lacks recognise() or read()",
      (reader?.extensions ?? [null]).every((name) => /^\.[a-z0-9._-]+$/.test(name))
        ? ""
        : "an extension is not lower case with its dot",
    ]);
    needsTest(root, path, strict);
    names.push(kind);
  }
  const variable = (kind) => kind.replace(/[^a-z0-9]+(.)/g, (_, letter) => letter.toUpperCase()).concat("Reader");
  return [
    '// Written by "npm run gen" from the files in src/scan/readers. Do not edit.',
    'import type { Reader } from "./reader.ts";',
    ...names.map((kind) => `import ${variable(kind)} from "./readers/${kind}.ts";`),
    "",
    "export const readers: readonly Reader[] = [",
    ...names.map((kind) => `  ${variable(kind)},`),
    "];",
    "",
  ].join("\n");
}

function sources(root, pattern) {
  return globSync(join(root, pattern))
    .map((file) => relative(root, file).split(sep).join("/"))
    .filter((path) => !/\.(test|gen)\.ts$/.test(path))
    .sort();
}

function complain(path, problems) {
  const real = problems.filter(Boolean);
  if (real.length > 0) throw new Error(`${path}: ${real.join("; ")}`);
}

function needsTest(root, path, strict) {
  if (existsSync(join(root, path.replace(/\.ts$/, ".test.ts")))) return;
  if (strict) complain(path, ["it has no test beside it"]);
  console.warn(`${path}: it has no test beside it yet`);
}
