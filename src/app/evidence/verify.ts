import { join } from "node:path";
import type { ModelSignature } from "../../gate/input.ts";
import { evaluateGate } from "../../gate/evaluate.ts";
import { parsePolicy, policyDigest } from "../../gate/policy.ts";
import { matchesInputs } from "../../gate/provenance.ts";
import { resolveSigners } from "../../gate/signers.ts";
import type { Outcome } from "../../core/verdict.ts";
import { canonicalJson } from "../../kit/canonical-json.ts";
import { textOf } from "../../kit/bytes.ts";
import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import { parseJson } from "../../kit/json.ts";
import { auditLog } from "../../ledger/audit.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { parseEnvelope, verifyEnvelope } from "../../seal/dsse.ts";
import { parseStatement } from "../../seal/in-toto.ts";
import { verifyBundle } from "../../seal/model-signing/verify.ts";
import { verifyModelSignature } from "../../registry/model-signature.ts";
import type { VerifiedStatement } from "../../core/statement.ts";
import { checkQuorum } from "../../ledger/quorum.ts";
import { coversBundle } from "../admission/signatures.ts";
import { operatorKey } from "../home/create.ts";
import {
  mustBeCurrent,
  mustBeLive,
  mustShowAll,
  type RegisteredVersions,
  registeredVersions,
  scanLog,
} from "./current.ts";
import { type EvidenceFolder, openEvidenceFolder } from "./folder.ts";
import { type EvidenceIndex, evidencePlaces, evidenceType, readEvidenceIndex } from "./format.ts";
import { bomFor } from "./bom.ts";
import { examination, type Layer } from "./layers.ts";
import { isSignature, keysOf, proveStatement, type ProvenStatement } from "./statements.ts";
import { type EvidenceTrust, folderTrust, pinnedTrust } from "./trust.ts";

/** How evidence is verified. */
export interface VerifyEvidenceOptions {
  readonly folder: string;
  /** Folder with the keys the verifier trusts; the evidence's own when absent. */
  readonly trust?: string | undefined;
  readonly witnesses?: readonly string[];
  readonly quorum?: number | undefined;
  /** A checkpoint of the log seen earlier or elsewhere: the folder's log must extend it. */
  readonly checkpoint?: string | undefined;
}

/** What was found, layer by layer. */
export interface EvidenceReport {
  readonly outcome: Outcome;
  readonly pinned: boolean;
  readonly subject: Pick<EvidenceIndex, "tenant" | "name" | "alias" | "version" | "logSize" | "exportedAt"> | undefined;
  readonly layers: readonly Layer[];
}

/**
 * Verifies an exported evidence folder, offline: nothing altered or added, the log intact, every statement signed and logged, the
 * bytes the registered ones, signature, provenance and bill of materials right, the alias pointing here at the checkpoint, nothing
 * revoked or erased, and the policy satisfied.
 * @throws NOT_FOUND when there is no folder or no keys to believe
 */
export async function verifyEvidence(options: VerifyEvidenceOptions): Promise<EvidenceReport> {
  const folder = openEvidenceFolder(options.folder);
  const witnesses = options.witnesses ?? [];
  const trust =
    options.trust === undefined
      ? folderTrust(folder, witnesses, options.quorum)
      : pinnedTrust(options.trust, witnesses, options.quorum);
  const operator = trust.keys.find(({ name }) => name === operatorKey);
  const exam = examination();
  const index = await exam.check("folder", "Nothing was altered, added or taken away", async () => {
    const value = openIndex(folder, trust, operator?.keyId);
    return { value, detail: `${value.files.length} files as listed, index signed by ${operatorKey}` };
  });
  if (index && operator) await examine(options, folder, index, trust, operator.keyId, exam);
  const outcomes = exam.layers.map(({ outcome }) => outcome);
  const outcome = outcomes.includes("fail") ? "fail" : outcomes.includes("undecided") ? "undecided" : "pass";
  return { outcome, pinned: !trust.fromFolder, subject: index, layers: exam.layers };
}

function openIndex(folder: EvidenceFolder, trust: EvidenceTrust, operator: Digest | undefined): EvidenceIndex {
  const { payload, signedBy } = verifyEnvelope(
    parseEnvelope(folder.read(evidencePlaces.index), evidencePlaces.index),
    keysOf(trust),
  );
  if (operator === undefined || !signedBy.includes(operator))
    fail("UNTRUSTED", {
      message: `The index is not signed by the key trusted as "${operatorKey}"`,
      where: evidencePlaces.index,
    });
  const { predicateType, predicate } = parseStatement(payload);
  if (predicateType !== evidenceType)
    fail("MALFORMED", { message: "The index is not an evidence index", where: evidencePlaces.index });
  const index = readEvidenceIndex(predicate);
  const listed = new Map(index.files.map((file) => [file.path, file]));
  for (const path of folder.paths) {
    if (path !== evidencePlaces.index && !listed.has(path))
      fail("INTEGRITY", { message: "The folder holds a file that the index does not list", where: path });
  }
  const present = new Set(folder.paths);
  for (const { path, size, digest } of index.files) {
    if (!present.has(path)) fail("INTEGRITY", { message: "A listed file is missing", where: path });
    const found = folder.digest(path);
    if (found.size !== size || found.digest !== digest)
      fail("INTEGRITY", { message: "The file was altered", where: path });
  }
  return index;
}

async function examine(
  options: VerifyEvidenceOptions,
  folder: EvidenceFolder,
  index: EvidenceIndex,
  trust: EvidenceTrust,
  operator: Digest,
  exam: ReturnType<typeof examination>,
): Promise<void> {
  const logDir = join(options.folder, evidencePlaces.log);
  const log = await exam.check("log", "The log is intact", async () => {
    const report = await auditLog(
      logDir,
      trust.vkey,
      options.checkpoint === undefined ? {} : { since: options.checkpoint },
    );
    const [defect] = report.defects;
    if (defect) fail("INTEGRITY", { message: defect.problem, where: `log/${defect.file}` });
    const value = openLogReader(logDir, { vkey: trust.vkey });
    if (value.size !== index.logSize)
      fail("INTEGRITY", `The log has ${value.size} entries and the index speaks of ${index.logSize}`);
    const cosigners = trust.quorum ? checkQuorum(await value.checkpointText(), trust.quorum) : [];
    const cosigned = trust.quorum ? ` and by ${cosigners.map(({ name }) => name).join(", ")}` : "";
    return { value, detail: `${value.size} entries recomputed; checkpoint signed by the log${cosigned}` };
  });
  if (!log) return;
  const statements = await exam.check("statements", "Every statement is unaltered and stands on the log", async () => {
    const value: ProvenStatement[] = [];
    for (const entry of index.statements) value.push(await proveStatement(folder, entry, trust, log));
    const strange = value.filter(({ signedBy }) => signedBy.length === 0).length;
    const rest =
      strange === 0 ? "all signed by trusted keys" : `${strange} signed by nobody trusted, which count for nothing`;
    return { value, detail: `${value.length} statements with inclusion proofs, ${rest}` };
  });
  if (!statements) return;
  const registered = await exam.check("bytes", "The model's bytes are the registered ones", async () => {
    const value = registeredVersions(index, statements, operator);
    const { manifest } = value.version;
    const prefix = `${evidencePlaces.model}/`;
    const shown = folder.paths.filter((path) => path.startsWith(prefix));
    if (shown.length !== manifest.files.length)
      fail("INTEGRITY", `${shown.length} files are shown and ${manifest.files.length} are registered`);
    for (const file of manifest.files) {
      const found = folder.digest(prefix + file.path);
      if (found.digest !== file.digest || found.size !== file.size)
        fail("INTEGRITY", { message: "The file is not the registered one", where: prefix + file.path });
    }
    return { value, detail: `${manifest.files.length} files make up ${index.version}` };
  });
  if (!registered) return;
  await examineVersion(folder, index, statements, registered, trust, exam);
  const scan = await exam.check("current", `"${index.alias}" points to this version`, async () => {
    const value = await scanLog(log, index, registered);
    mustShowAll(value, statements);
    return { value, detail: mustBeCurrent(index, statements, value, operator) };
  });
  if (scan)
    await exam.check("live", "Nothing is revoked or erased", async () => ({
      value: true,
      detail: mustBeLive(scan, registered),
    }));
}

async function examineVersion(
  folder: EvidenceFolder,
  index: EvidenceIndex,
  statements: readonly ProvenStatement[],
  registered: RegisteredVersions,
  trust: EvidenceTrust,
  exam: ReturnType<typeof examination>,
): Promise<void> {
  const { version, ancestors } = registered;
  const signatures: ModelSignature[] = [];
  for (const row of [version, ...ancestors])
    for (const item of statements.filter(isSignature))
      if (item.version === row.digest && item.topic === row.topic)
        signatures.push({ version: row.digest, statement: item });
  await exam.check("signature", "The model signature (OpenSSF) is good and covers exactly these files", async () => {
    if (!folder.paths.includes(evidencePlaces.signature))
      fail("UNDECIDED", { message: "The folder holds no model signature", where: evidencePlaces.signature });
    const bundle = folder.read(evidencePlaces.signature);
    const entry = signatures.find(
      ({ version: about, statement }) => about === version.digest && namesBundle(folder, index, statement, bundle),
    );
    if (!entry)
      fail("INTEGRITY", {
        message: "The model signature is not the one that is on the log",
        where: evidencePlaces.signature,
      });
    for (const { name, publicKey } of trust.keys.filter(({ publicKey }) => publicKey.asymmetricKeyType === "ec")) {
      const trusted = await verifyBundle(bundle, { method: "key", key: publicKey }).catch(() => undefined);
      if (!trusted) continue;
      const files = {
        manifest: version.manifest,
        read: (path: string) => folder.stream(`${evidencePlaces.model}/${path}`),
      };
      await verifyModelSignature(files, bundle, { method: "key", key: publicKey });
      return { value: true, detail: `signed by ${name}` };
    }
    return fail("UNTRUSTED", { message: "No trusted key made the model signature", where: evidencePlaces.signature });
  });
  await exam.check("provenance", "The training run's provenance (SLSA) matches the registered inputs", async () => {
    const run = statements.findLast(
      ({ kind, topic, signedBy }) => kind === "training-run" && topic === version.topic && signedBy.length > 0,
    );
    if (!run) return fail("UNDECIDED", "The folder holds no provenance of a training run");
    const found = matchesInputs(run.statement, version);
    if (found.outcome !== "pass")
      fail(found.outcome === "fail" ? "INTEGRITY" : "UNDECIDED", { message: found.reason, where: run.digest });
    return { value: true, detail: found.reason };
  });
  await exam.check("bom", "The bill of materials (CycloneDX) lists what was registered", async () => {
    const bom = parseJson(folder.read(evidencePlaces.bom), evidencePlaces.bom) as {
      metadata?: { timestamp?: string; tools?: { components?: { version?: string }[] } };
    };
    const timestamp = bom.metadata?.timestamp ?? "";
    const toolVersion = bom.metadata?.tools?.components?.[0]?.version ?? "";
    const expected = bomFor(version, ancestors, { timestamp, toolVersion });
    if (canonicalJson(expected) !== canonicalJson(bom))
      fail("INTEGRITY", { message: "The bill of materials differs from the registrations", where: evidencePlaces.bom });
    return { value: true, detail: `the model and ${ancestors.length} components it was made from` };
  });
  await exam.check("gate", "The policy is satisfied", async () => {
    const text = textOf(folder.read(evidencePlaces.policy, 1024 * 1024), evidencePlaces.policy);
    const policy = parsePolicy(text, evidencePlaces.policy);
    const topics = new Set([version, ...ancestors].map(({ topic }) => topic));
    const verdict = evaluateGate({
      policy,
      policyDigest: policyDigest(text),
      alias: index.alias,
      now: Date.parse(index.exportedAt),
      version,
      ancestors,
      unresolvedInputs: [],
      statements: statements.filter((item) => !isSignature(item) && topics.has(item.topic)),
      modelSignatures: signatures,
      keyNames: resolveSigners(policy, new Map(trust.keys.map(({ name, keyId }) => [name, keyId]))),
    });
    const open = verdict.requirements.filter(({ outcome }) => outcome !== "pass");
    if (open.length > 0)
      fail(verdict.outcome === "fail" ? "POLICY" : "UNDECIDED", {
        message: open.map(({ reason }) => reason).join("; "),
        where: `requirement ${open.map(({ id }) => id).join(", ")}`,
      });
    return {
      value: true,
      detail: `${verdict.requirements.length} requirements of policy ${policy.name} hold, evaluated here from the statements, as of ${index.exportedAt}`,
    };
  });
}

/** Is this the bundle that the statement on the log names? */
function namesBundle(
  folder: EvidenceFolder,
  index: EvidenceIndex,
  statement: VerifiedStatement,
  bundle: Uint8Array,
): boolean {
  const entry = index.statements.find(({ digest }) => digest === statement.digest);
  return entry !== undefined && coversBundle(folder.read(`${entry.file}.dsse.json`), bundle);
}
