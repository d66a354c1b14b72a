import { resolve } from "node:path";
import { toBase64 } from "../../kit/bytes.ts";
import { durationMs } from "../../kit/duration.ts";
import { CastellanError, exitCodes, fail, isCastellanError } from "../../kit/errors.ts";
import { type AuditReport, auditLog } from "../../ledger/audit.ts";
import { type Checkpoint, parseCheckpoint } from "../../ledger/checkpoint.ts";
import { auditMembers, memberQuorum, type Members, type MembersAudit, parseMembers } from "../../ledger/consortium.ts";
import { parseNote, parseVkey } from "../../ledger/note.ts";
import { checkQuorum, type Cosigner, type Quorum, quorumOf } from "../../ledger/quorum.ts";
import { type LogReader, openLogReader } from "../../ledger/reader.ts";
import { command, type Invocation } from "../command.ts";
import { countOption, listOption, textOption } from "../options.ts";
import { logOptions, logPlace, textFile, vkeyFrom } from "../ledger-arguments.ts";

export default command({
  name: "ledger verify",
  summary: "audit a whole C2SP tile log on disk: every entry, every tile, the checkpoint, its witnesses",
  details: [
    "Recomputes the log from its entries and compares everything. Without --log it audits the log of the home.",
    "",
    "  castellan ledger verify --log copy/ --vkey example.com/log+0123abcd+AQ…  --witness w1.vkey w2.vkey --quorum 1",
    "",
    "Exit codes: 0 good, 1 bad, 2 the arguments cannot be used.",
  ].join("\n"),
  options: [
    ...logOptions,
    { flags: "--witness <vkey...>", help: "a witness to believe: its vkey, or a file that holds it" },
    {
      flags: "--quorum <n>",
      help: "how many witnesses (or members) must have cosigned (default: all witnesses named)",
    },
    { flags: "--max-age <duration>", help: "cosignatures older than this do not count, e.g. 24h" },
    { flags: "--members <file>", help: "consortium: one member vkey a line; every leaf must be signed by one of them" },
    { flags: "--since <file>", help: "a checkpoint seen earlier: the log must extend it" },
  ],
  async run(call) {
    const { dir, vkey } = logPlace(call);
    const members = membersOf(call);
    const quorum = quorumFor(call, vkey, members);
    const since = textOption(call, "since");
    const earlier = since === undefined ? {} : { since: textFile(resolve(call.cwd, since), "the earlier checkpoint") };
    const problems: Problem[] = [];
    const report = await auditLog(dir, vkey, { progress: call.progress, ...earlier });
    for (const { file, problem } of report.defects) problems.push({ where: file, problem });
    const cosigners = report.ok && quorum ? await witnessing(dir, vkey, report, quorum, problems) : undefined;
    const owners = report.ok && members ? await ownership(dir, vkey, report, members, problems) : undefined;
    show(call, dir, report, problems, cosigners, quorum, owners);
    return problems.length === 0 ? exitCodes.clean : exitCodes.refused;
  },
});

interface Problem {
  readonly where: string;
  readonly problem: string;
}

function membersOf(call: Invocation): Members | undefined {
  const file = textOption(call, "members");
  return file === undefined ? undefined : parseMembers(textFile(resolve(call.cwd, file), "the members file"), file);
}

function quorumFor(call: Invocation, log: string, members: Members | undefined): Quorum | undefined {
  const witnesses = listOption(call, "witness").map((text) => vkeyFrom(text, call.cwd));
  const n = countOption(call, "quorum");
  const age = textOption(call, "maxAge");
  const maxAge = age === undefined ? {} : { maxAgeMs: durationMs(age) };
  if (witnesses.length > 0) return quorumOf({ n: n ?? witnesses.length, witnesses, ...maxAge }, parseVkey(log));
  if (members && n !== undefined) return memberQuorum(members, n, maxAge.maxAgeMs);
  if (n !== undefined || age !== undefined)
    fail("USAGE", {
      message: "a quorum needs witnesses",
      next: "Name them with --witness, or members with --members.",
    });
  return undefined;
}

/** A reader of the log that was just audited, which may have grown since. */
function readerAt(dir: string, vkey: string, audited: Checkpoint): LogReader {
  const reader = openLogReader(dir, { vkey });
  if (reader.size < audited.size)
    fail("INTEGRITY", { message: "the log was rolled back while it was audited", where: dir });
  return reader;
}

async function witnessing(
  dir: string,
  vkey: string,
  { checkpoint }: AuditReport,
  quorum: Quorum,
  problems: Problem[],
): Promise<readonly Cosigner[]> {
  try {
    const note = await readerAt(dir, vkey, checkpoint!).checkpointText();
    if (parseCheckpoint(parseNote(note).text).size !== checkpoint!.size)
      fail("BUSY", {
        message: "the log grew while it was audited",
        next: "Verify again, or verify a copy (ledger export).",
      });
    return checkQuorum(note, quorum, { now: () => Date.now() });
  } catch (error) {
    problems.push(problemOf(error, "checkpoint"));
    return [];
  }
}

async function ownership(
  dir: string,
  vkey: string,
  { checkpoint }: AuditReport,
  members: Members,
  problems: Problem[],
): Promise<MembersAudit | undefined> {
  try {
    const audit = await auditMembers(readerAt(dir, vkey, checkpoint!).entries(0, checkpoint!.size), members);
    for (const { index, why } of audit.refused) problems.push({ where: `leaf ${index}`, problem: why });
    return audit;
  } catch (error) {
    problems.push(problemOf(error, "entries"));
    return undefined;
  }
}

/** A refusal as a problem to report; every other error goes on. */
function problemOf(error: unknown, where: string): Problem {
  if (!(error instanceof CastellanError) || !isCastellanError(error, "SIGNATURE", "EXPIRED", "INTEGRITY", "MALFORMED"))
    throw error;
  return { where, problem: error.where ? `${error.message} (${error.where})` : error.message };
}

function show(
  call: Invocation,
  dir: string,
  { checkpoint, filesChecked, truncated }: AuditReport,
  problems: readonly Problem[],
  cosigners: readonly Cosigner[] | undefined,
  quorum: Quorum | undefined,
  owners: MembersAudit | undefined,
): void {
  const ok = problems.length === 0;
  call.print(`${ok ? "good" : "BAD "}  ${dir}`);
  if (checkpoint) {
    call.print(`  log      ${checkpoint.origin}`);
    call.print(`  entries  ${checkpoint.size}`);
    call.print(`  root     ${toBase64(checkpoint.root)}`);
  }
  if (cosigners && quorum)
    call.print(
      `  cosigned ${cosigners.length} of ${quorum.n} needed: ${cosigners.map(({ name }) => name).join(", ") || "nobody"}`,
    );
  for (const [name, count] of owners?.perMember ?? []) call.print(`  member   ${name}: ${count} entries`);
  for (const { where, problem } of problems) call.print(`  problem  ${where}: ${problem}`);
  if (truncated) call.print("  problem  there may be more: the audit stopped here");
  call.emit({
    ok,
    log: dir,
    ...(checkpoint && { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) }),
    filesChecked,
    problems: problems.map((problem) => ({ ...problem })),
    truncated,
    ...(quorum && {
      quorum: quorum.n,
      cosignedBy: (cosigners ?? []).map(({ name, timestamp }) => ({ name, timestamp })),
    }),
    ...(owners && { members: Object.fromEntries(owners.perMember), refusedLeaves: owners.refusedCount }),
  });
}
