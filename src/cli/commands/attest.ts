import { resolve } from "node:path";
import { attachSignature } from "../../app/flows/attach-signature.ts";
import { recordModelScan } from "../../app/flows/model-scan.ts";
import { resolveVersion } from "../../app/flows/register-path.ts";
import { signVersion } from "../../app/flows/sign-version.ts";
import { readTrainingRun, recordTrainingRun } from "../../app/flows/training-run.ts";
import type { Home } from "../../app/home/open.ts";
import { defaultTenant } from "../../core/asset.ts";
import { predicateTypeOf, shortNameOf } from "../../core/statement.ts";
import { loadYaml } from "../../formats/yaml/load.ts";
import { validatePredicate } from "../../gate/statement-schemas/validate.ts";
import { textOf } from "../../kit/bytes.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { parseEnvelope } from "../../seal/dsse.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import { command, type Invocation } from "../command.ts";
import { readArgument } from "../read-argument.ts";
import { keyOptions, signingKey } from "../signing-key.ts";
import { textOption } from "../options.ts";
import { homeOption, withHome } from "../with-home.ts";

const maxBytes = 64 * 1024 * 1024;

export default command({
  name: "attest",
  summary: "put a signed statement about a version on record",
  details: [
    "  castellan attest credit model-signature                                sign the registered bytes (OpenSSF Model Signing)",
    "  castellan attest credit model-signature --signature model.sig          take a signature made elsewhere",
    "  castellan attest credit training-run --predicate run.yaml --key trainer  SLSA provenance over the registered inputs",
    "  castellan attest credit model-scan                                     scan the stored bytes again",
    "  castellan attest credit evaluation --predicate evaluation.json --key lab",
    "  castellan attest credit --envelope statement.dsse.json                 take a statement somebody trusted has signed",
  ].join("\n"),
  args: ["<ref>", "[type]"],
  options: [
    { flags: "--predicate <file>", help: "what the statement says (YAML or JSON)" },
    { flags: "--signature <file>", help: "OpenSSF signature bundle made over the same files" },
    { flags: "--envelope <file>", help: "signed statement (DSSE JSON)" },
    ...keyOptions,
    homeOption,
  ],
  run: (call) =>
    withHome(call, async (home) => {
      const version = await resolveVersion(home, defaultTenant, call.args[0]!);
      const row = await statement(call, home, version);
      call.print(`recorded ${shortNameOf(row.predicateType)} about ${version.name}@${version.digest}`);
      call.print(`  statement ${row.digest}, log entry ${row.logIndex}`);
      call.emit({
        statement: row.digest,
        type: row.predicateType,
        logIndex: row.logIndex ?? null,
        version: version.digest,
      });
      return exitCodes.clean;
    }),
});

async function statement(call: Invocation, home: Home, version: VersionRow): Promise<StatementRow> {
  const { tenant, digest } = version;
  const file = (option: string, what: string): Uint8Array | undefined => {
    const path = textOption(call, option);
    return path === undefined ? undefined : readArgument(resolve(call.cwd, path), what, maxBytes);
  };
  const envelope = file("envelope", "the statement");
  if (envelope) {
    const keys = [home.signer.publicKey, ...home.trusted.map(({ publicKey }) => publicKey)];
    return home.registry.attach({ tenant, version: digest, envelope: parseEnvelope(envelope), keys });
  }
  const type =
    call.args[1] ??
    fail("USAGE", {
      message: "Which statement?",
      next: "Name its type, such as model-signature, training-run or evaluation, or give --envelope.",
    });
  const predicateType = predicateTypeOf(type);
  if (type === "model-signature") {
    const bundle = file("signature", "the signature") ?? (await signVersion(version, await signingKey(call, home)));
    return attachSignature(home, version, bundle);
  }
  if (type === "model-scan" && textOption(call, "predicate") === undefined)
    return (await recordModelScan(home, version, call.progress)).statement;
  const path =
    textOption(call, "predicate") ??
    fail("USAGE", { message: `What does the ${type} statement say?`, next: "Give --predicate FILE." });
  if (type === "training-run")
    return recordTrainingRun(home, version, readTrainingRun(resolve(call.cwd, path)), await signingKey(call, home));
  const predicate = loadYaml(
    textOf(readArgument(resolve(call.cwd, path), "the predicate", maxBytes), path),
    path,
  ).value;
  validatePredicate(predicateType, predicate);
  return home.registry.declare({
    tenant,
    version: digest,
    predicateType,
    predicate,
    signers: [await signingKey(call, home)],
  });
}
