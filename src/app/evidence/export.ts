import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { writeFileSync } from "node:fs";
import type { AliasRow, StatementRow, VersionRow } from "../../store/repository.ts";
import { hostActor } from "../../identity/actor.ts";
import { toHex, utf8 } from "../../kit/bytes.ts";
import { canonicalJson, type Json } from "../../kit/canonical-json.ts";
import { type Digest, hexOfDigest } from "../../kit/digest.ts";
import { timestamp } from "../../kit/clock.ts";
import { fail } from "../../kit/errors.ts";
import { exportLog } from "../../ledger/export.ts";
import { writeTlogProof } from "../../ledger/proof-file.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { diskFolder } from "../../registry/folder.ts";
import { parseLeaf, saltedDigest } from "../../registry/leaf.ts";
import { signEnvelope } from "../../seal/dsse.ts";
import { encodeStatement, makeStatement, statementPayloadType } from "../../seal/in-toto.ts";
import { shortNameOf } from "../../core/statement.ts";
import { ancestryOf } from "../admission/ancestry.ts";
import { isModelSignature } from "../admission/signatures.ts";
import { ioError } from "../home/durable-file.ts";
import type { Home } from "../home/open.ts";
import { writePublicKey } from "../../seal/keys.ts";
import { bomFor } from "./bom.ts";
import { openEvidenceFolder } from "./folder.ts";
import { type EvidenceIndex, type EvidenceStatement, evidencePlaces, evidenceType } from "./format.ts";
import { verifyEvidence } from "./verify.ts";

/**
 * Writes everything needed to check, without a server and without the network, that a version is what its alias points to and may
 * be trusted: bytes, signature, provenance, bill of materials, statements with proofs, the log, the policy, the public keys.
 * What was written is verified like any verifier would; evidence that does not hold is not left behind.
 * @param folder must not exist or be empty
 * @throws CONFLICT when the folder holds something · REVOKED, ERASED, POLICY, UNDECIDED, INTEGRITY … when it would not hold, and why
 */
export async function exportEvidence(
  home: Home,
  version: VersionRow,
  alias: AliasRow,
  folder: string,
  toolVersion: string,
): Promise<EvidenceIndex> {
  startFolder(folder);
  try {
    const index = await fill(home, version, alias, folder, toolVersion);
    await mustHold(home, folder);
    return index;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw (error as NodeJS.ErrnoException).syscall === undefined ? error : ioError(error, folder);
  }
}

async function mustHold(home: Home, folder: string): Promise<void> {
  const { layers } = await verifyEvidence({ folder, trust: home.layout.root });
  const bad = layers.find(({ outcome }) => outcome === "fail") ?? layers.find(({ outcome }) => outcome !== "pass");
  if (!bad) return;
  fail(bad.code ?? "UNDECIDED", {
    message: `This evidence would not hold: ${bad.detail}`,
    where: bad.title,
    next: "Nothing was written. See what the gate says with castellan gate, and what the store says with castellan store verify.",
  });
}

async function fill(
  home: Home,
  version: VersionRow,
  alias: AliasRow,
  folder: string,
  toolVersion: string,
): Promise<EvidenceIndex> {
  const { registry } = home;
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content, { flag: "wx" });
  };
  const model = diskFolder(join(folder, evidencePlaces.model));
  for await (const file of registry.checkout(version.tenant, version.digest, hostActor("export")))
    await model.write(file.path, file.bytes());
  await home.readLog(); // what is wrong with a log of ours is told better than what is wrong with any log
  await exportLog(home.layout.log, join(folder, evidencePlaces.log));
  const { ancestors } = await ancestryOf(registry, version);
  const statements: EvidenceStatement[] = [];
  for (const [place, row] of (await statementsToShow(home, [version, ...ancestors], alias)).entries()) {
    statements.push(await putStatement(home, folder, place, row, version, put));
  }
  const bom = bomFor(version, ancestors, { timestamp: timestamp(home.clock), toolVersion });
  put(evidencePlaces.bom, `${JSON.stringify(bom, undefined, 2)}\n`);
  put(evidencePlaces.policy, readFileSync(home.policy));
  put(evidencePlaces.vkey, `${home.logVkey}\n`);
  for (const { name, publicKey } of home.trusted) put(`${evidencePlaces.trust}/${name}.pem`, writePublicKey(publicKey));
  const { size } = openLogReader(join(folder, evidencePlaces.log), { vkey: home.logVkey });
  const index: EvidenceIndex = {
    tenant: version.tenant,
    name: version.name,
    kind: version.kind,
    version: version.digest,
    alias: alias.alias,
    ancestors: ancestors.map(({ digest }) => digest),
    logSize: size,
    promotion: alias.statement,
    exportedAt: timestamp(home.clock),
    files: listFiles(folder),
    statements,
  };
  const subject = [{ name: version.name, digest: { sha256: hexOfDigest(version.digest) } }];
  const payload = encodeStatement(makeStatement(evidenceType, JSON.parse(JSON.stringify(index)) as Json, subject));
  put(
    evidencePlaces.index,
    canonicalJson((await signEnvelope(statementPayloadType, payload, [home.signer])) as unknown as Json),
  );
  return index;
}

async function statementsToShow(home: Home, versions: readonly VersionRow[], alias: AliasRow): Promise<StatementRow[]> {
  const rows = new Map<Digest, StatementRow>();
  for (const { tenant, digest } of versions) {
    for (const row of await home.repository.statementsAbout(tenant, digest))
      if (row.state === "logged") rows.set(row.digest, row);
  }
  const promotion = await home.repository.statement(alias.statement);
  if (!promotion)
    return fail("INTEGRITY", {
      message: "The statement behind the alias is missing from the store",
      where: alias.statement,
    });
  rows.set(promotion.digest, promotion);
  return [...rows.values()].sort((a, b) => a.logIndex! - b.logIndex!);
}

async function putStatement(
  home: Home,
  folder: string,
  place: number,
  row: StatementRow,
  version: VersionRow,
  put: (path: string, content: string | Uint8Array) => void,
): Promise<EvidenceStatement> {
  const kind = shortNameOf(row.predicateType);
  const file = `${evidencePlaces.statements}/${String(place + 1).padStart(4, "0")}-${/^[a-z-]+$/.test(kind) ? kind : "statement"}`;
  const reader = openLogReader(join(folder, evidencePlaces.log), { vkey: home.logVkey });
  const index = row.logIndex ?? -1;
  const entry = index >= 0 && index < reader.size ? parseLeaf(await reader.entry(index)) : undefined;
  if (entry?.digest !== saltedDigest(row.salt, row.envelope))
    fail("INTEGRITY", {
      message: `The store says that this ${kind} stands on the log at ${index}, and it does not: one of them was altered`,
      where: `statement ${row.digest}`,
    });
  const proof = await reader.inclusionProof(index, reader.size);
  put(`${file}.dsse.json`, row.envelope);
  put(`${file}.tlog-proof`, writeTlogProof({ index, proof, checkpoint: await reader.checkpointText() }));
  if (isModelSignature(row) && row.bundle && row.subjects.includes(version.digest))
    putOnce(put, evidencePlaces.signature, row.bundle);
  const leaf = parseLeaf(row.leaf);
  return {
    file,
    digest: row.digest,
    kind,
    version: row.subjects.find((subject) => subject === version.digest) ?? row.subjects[0],
    topic: leaf.topic,
    by: leaf.by,
    salt: toHex(row.salt),
    recordedAt: leaf.at,
  };
}

/** The first signature is shown as model.sig; further ones stand among the statements. */
function putOnce(put: (path: string, content: Uint8Array) => void, path: string, content: Uint8Array): void {
  try {
    put(path, content);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function startFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    if (readdirSync(folder).length === 0) return;
  } catch (error) {
    throw ioError(error, folder);
  }
  fail("CONFLICT", { message: "The folder is not empty", where: folder, next: "Export into a new folder." });
}

function listFiles(folder: string): EvidenceIndex["files"] {
  const written = openEvidenceFolder(folder);
  return written.paths
    .map((path) => ({ path, ...written.digest(path) }))
    .sort((a, b) => Buffer.compare(utf8(a.path), utf8(b.path)));
}
