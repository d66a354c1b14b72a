import { resolve } from "node:path";
import { recordOrigin, readOrigin } from "../app/flows/data-origin.ts";
import { isDvcFile, registerDvcFile } from "../app/flows/register-dvc-file.ts";
import { registerPath } from "../app/flows/register-path.ts";
import { asName, type AssetKind, defaultTenant } from "../core/asset.ts";
import { asDigest } from "../kit/digest.ts";
import { exitCodes, type ExitCode, fail } from "../kit/errors.ts";
import type { VersionRow } from "../store/repository.ts";
import type { Home } from "../app/home/open.ts";
import type { Invocation, OptionSpec } from "./command.ts";
import { keyOptions, signingKey } from "./signing-key.ts";
import { listOption, textOption } from "./options.ts";
import { homeOption, withHome } from "./with-home.ts";

/** Options of all three register commands. */
export const registrationOptions: readonly OptionSpec[] = [
  { flags: "--name <name>", help: "name of the asset, or tenant/name", required: true },
  {
    flags: "--input <ref...>",
    help: "registered version it was made from: name, name:alias, name@sha256:… (=role to say as what)",
  },
  {
    flags: "--origin <file>",
    help: "where it comes from: facts in YAML (signed with --key) or a signed statement (DSSE JSON)",
  },
  { flags: "--licence <id>", help: "SPDX id or name of its licence" },
  { flags: "--consent <basis>", help: "legal basis or consent under which it was collected" },
  { flags: "--region <name>", help: "where it may be kept" },
  { flags: "--retain-until <date>", help: "when its bytes must be gone, e.g. 2030-12-31" },
  { flags: "--expect <digest>", help: "refuse anything but these bytes (version digest, or the file's sha256:…)" },
  ...keyOptions,
  homeOption,
];

/** What a register command does, whichever kind it registers. `also` runs after registration, in the same home. */
export function runRegistration(
  call: Invocation,
  kind: AssetKind,
  also?: (home: Home, version: VersionRow) => Promise<void>,
): Promise<ExitCode> {
  return withHome(call, async (home) => {
    const { tenant, name } = splitName(textOption(call, "name") ?? "");
    const path = call.args[0] ?? fail("USAGE", "a path is needed");
    const originFile = textOption(call, "origin");
    const origin = originFile === undefined ? undefined : readOrigin(resolve(call.cwd, originFile));
    const expect = textOption(call, "expect");
    const terms = {
      licence: textOption(call, "licence") ?? origin?.facts.licence,
      origin: origin?.facts.source,
      consentBasis: textOption(call, "consent") ?? origin?.facts.consentBasis,
      region: textOption(call, "region") ?? origin?.facts.region,
      retainUntil: textOption(call, "retainUntil"),
    };
    const source = resolve(call.cwd, path);
    const version = isDvcFile(source, kind)
      ? await registerDvcFile(home, { path: source, tenant, name, terms })
      : await registerPath(home, {
          path: source,
          kind,
          tenant,
          name,
          inputs: listOption(call, "input"),
          terms,
          expected: expect === undefined ? undefined : asDigest(expect, "--expect"),
          progress: call.progress,
        });
    if (origin) await recordOrigin(home, version, origin, () => signingKey(call, home));
    await also?.(home, version);
    const bytes = version.manifest.files.reduce((sum, file) => sum + file.size, 0);
    call.print(`registered ${kind} ${version.name}@${version.digest}`);
    call.print(
      `  ${version.manifest.files.length} files, ${bytes} bytes, stored encrypted; statement ${version.statement}`,
    );
    if (origin)
      call.print(
        `  origin  ${origin.facts.source} (${origin.facts.licence}), ${origin.envelope ? "as signed in the file" : "signed here"}`,
      );
    call.emit({
      kind,
      tenant,
      name,
      digest: version.digest,
      files: version.manifest.files.map((file) => ({ ...file })),
      statement: version.statement,
      inputs: version.inputs.map((input) => ({ ...input })),
      registeredAt: version.registeredAt,
    });
    return exitCodes.clean;
  });
}

/** `name` or `tenant/name`. @throws USAGE */
export function splitName(text: string): { tenant: string; name: string } {
  const parts = text.split("/");
  if (parts.length > 2) fail("USAGE", `"${text.slice(0, 200)}" is not a name: write name or tenant/name`);
  return {
    tenant: parts.length === 2 ? asName(parts[0]!, "The tenant") : defaultTenant,
    name: asName(parts.at(-1)!, "The name"),
  };
}
