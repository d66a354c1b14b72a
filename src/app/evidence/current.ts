import type { Digest } from "../../kit/digest.ts";
import { fail } from "../../kit/errors.ts";
import type { LogReader } from "../../ledger/reader.ts";
import { shortNameOf } from "../../core/statement.ts";
import { effectOf } from "../../registry/effect.ts";
import { recordTypes } from "../../registry/predicates.ts";
import { aliasTopic, type Leaf, parseLeaf } from "../../registry/leaf.ts";
import { versionDigest } from "../../registry/manifest.ts";
import type { VersionRow } from "../../store/repository.ts";
import type { EvidenceIndex } from "./format.ts";
import type { ProvenStatement } from "./statements.ts";

/** The versions of a folder as their signed registrations tell them. */
export interface RegisteredVersions {
  readonly version: VersionRow;
  readonly ancestors: readonly VersionRow[];
}

/**
 * Rebuilds the version and everything it was made from out of the registrations, each signed by the operator.
 * @throws UNDECIDED when a registration is missing · SIGNATURE · INTEGRITY
 */
export function registeredVersions(
  index: EvidenceIndex,
  statements: readonly ProvenStatement[],
  operator: Digest,
): RegisteredVersions {
  const rows = new Map<Digest, VersionRow>();
  for (const item of statements.filter(({ kind }) => kind === "registration")) {
    if (!item.signedBy.includes(operator))
      fail("SIGNATURE", { message: "A registration is not signed by the operator", where: item.digest });
    const effect = effectOf(item.statement, item.digest);
    if (effect.does !== "add-version") continue;
    if (effect.row.topic !== item.topic)
      fail("INTEGRITY", {
        message: "A registration stands on the log under another topic than it states",
        where: item.digest,
      });
    if (versionDigest(effect.row.manifest) !== effect.row.digest)
      fail("INTEGRITY", { message: "A registration's digest is not that of its files", where: item.digest });
    rows.set(effect.row.digest, effect.row);
  }
  const version =
    rows.get(index.version) ??
    fail("UNDECIDED", { message: "The registration of the version is missing", where: index.version });
  const ancestors = new Map<Digest, VersionRow>();
  const open = version.inputs.map(({ digest }) => digest);
  for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
    if (ancestors.has(digest)) continue;
    const row =
      rows.get(digest) ??
      fail("UNDECIDED", { message: "The registration of something it was made from is missing", where: digest });
    ancestors.set(digest, row);
    open.push(...row.inputs.map((input) => input.digest));
  }
  return { version, ancestors: [...ancestors.values()] };
}

const endings = new Set(["revocation", "erasure"]);

/** What a scan of all leaves up to the checkpoint says about the present state. */
export interface LogScan {
  readonly size: number;
  /** The newest leaf under the alias's topic. */
  readonly lastAliasLeaf: { readonly index: number; readonly leaf: Leaf } | undefined;
  /** Leaves under the topics of the version and what it was made from. */
  readonly about: readonly { readonly index: number; readonly leaf: Leaf }[];
  /** Those of them that end something. */
  readonly endings: readonly { readonly index: number; readonly leaf: Leaf }[];
}

/** Reads every leaf of the log once, looking at those about the alias, the version and what it was made from. */
export async function scanLog(
  log: LogReader,
  index: EvidenceIndex,
  { version, ancestors }: RegisteredVersions,
): Promise<LogScan> {
  const alias = aliasTopic(index.tenant, index.name, index.alias);
  const topics = new Set([version, ...ancestors].map(({ topic }) => topic));
  let lastAliasLeaf: LogScan["lastAliasLeaf"];
  const about: { index: number; leaf: Leaf }[] = [];
  let at = 0;
  for await (const entry of log.entries()) {
    const leaf = parseLeaf(entry);
    if (leaf.topic === alias) lastAliasLeaf = { index: at, leaf };
    if (topics.has(leaf.topic)) about.push({ index: at, leaf });
    at++;
  }
  return { size: at, lastAliasLeaf, about, endings: about.filter(({ leaf }) => endings.has(leaf.kind)) };
}

/**
 * Holds when the alias points to the version: the statement shown set it so, and the log has no later one about the alias.
 * @throws INTEGRITY, SIGNATURE, UNDECIDED saying what the alias points to instead
 */
export function mustBeCurrent(
  index: EvidenceIndex,
  statements: readonly ProvenStatement[],
  scan: LogScan,
  operator: Digest,
): string {
  const shown =
    statements.find(({ digest }) => digest === index.promotion) ??
    fail("UNDECIDED", { message: "The statement behind the alias is missing", where: index.promotion });
  if (!shown.signedBy.includes(operator))
    fail("SIGNATURE", { message: "The statement behind the alias is not signed by the operator", where: shown.digest });
  const effect = effectOf(shown.statement, shown.digest);
  const settings =
    effect.does === "set-alias"
      ? [effect.row]
      : effect.does === "end-version"
        ? effect.withdraws.filter(({ removes }) => !removes).map(({ row }) => row)
        : [];
  const row = settings.find(
    ({ tenant, name, alias }) => tenant === index.tenant && name === index.name && alias === index.alias,
  );
  if (!row || (row.digest !== index.version && row.canary !== index.version)) {
    fail("INTEGRITY", {
      message: `The statement shown points "${index.alias}" to ${row?.digest ?? "something else"}`,
      where: shown.digest,
    });
  }
  if (effect.does === "set-alias" && shown.topic !== aliasTopic(index.tenant, index.name, index.alias))
    fail("INTEGRITY", {
      message: "The statement behind the alias stands on the log under another topic",
      where: shown.digest,
    });
  const last = scan.lastAliasLeaf;
  if (last && last.index > shown.logIndex) {
    fail("INTEGRITY", {
      message: `The log holds a later ${last.leaf.kind} of "${index.alias}", at index ${last.index}: this version is not what it points to`,
      where: `log entry ${last.index}`,
    });
  }
  return `"${index.alias}" pointed to it at checkpoint ${scan.size} (set by log entry ${shown.logIndex})`;
}

/** Records of who read a feature table are not shown: they decide nothing, and name people. */
const unshown = shortNameOf(recordTypes.featureRead);

/**
 * Holds when everything the log holds about the version and what it was made from is shown: whoever leaves out a failed
 * evaluation cannot leave out its leaf.
 * @throws INTEGRITY naming the log entry
 */
export function mustShowAll(scan: LogScan, statements: readonly ProvenStatement[]): void {
  const shown = new Set(statements.map(({ logIndex }) => logIndex));
  const hidden = scan.about.find(({ index, leaf }) => leaf.kind !== unshown && !shown.has(index));
  if (hidden)
    fail("INTEGRITY", {
      message: `The log holds a ${hidden.leaf.kind} about one of these versions that the folder does not show`,
      where: `log entry ${hidden.index}`,
    });
}

/** Holds when nothing ended the version or what it was made from. @throws REVOKED, ERASED naming the log entry */
export function mustBeLive(scan: LogScan, { version, ancestors }: RegisteredVersions): string {
  const [ended] = scan.endings;
  if (ended) {
    const which = [version, ...ancestors].find(({ topic }) => topic === ended.leaf.topic);
    const what = ended.leaf.kind === "erasure" ? "erased" : "revoked";
    fail(what === "erased" ? "ERASED" : "REVOKED", {
      message: `${which === version ? "The version" : `${which?.kind} ${which?.name}, which it was made from,`} was ${what}`,
      where: `log entry ${ended.index}`,
    });
  }
  return `neither it nor any of the ${ancestors.length} versions it was made from is revoked or erased, in ${scan.size} log entries`;
}
