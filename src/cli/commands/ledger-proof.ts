import { resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { textOf, toBase64 } from "../../kit/bytes.ts";
import { type ExitCode, exitCodes, fail, isCastellanError } from "../../kit/errors.ts";
import { verifyTlogProof, writeTlogProof } from "../../ledger/proof-file.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { command, type Invocation } from "../command.ts";
import { countOption, listOption, textOption } from "../options.ts";
import { logOptions, logPlace, maxFileBytes, vkeyFrom } from "../ledger-arguments.ts";
import { readArgument } from "../read-argument.ts";

export default command({
  name: "ledger proof",
  summary: "write the offline proof that an entry is on the log, or check one without network and log",
  details: [
    "  castellan ledger proof 17 --out 17.tlog-proof --save-entry 17.json",
    "  castellan ledger proof --check 17.tlog-proof --entry 17.json --vkey example.com/log+0123abcd+AQ…",
    "",
    "Proofs are C2SP tlog-proof files. Checking: 0 the entry is on the log, 1 it is not proven, 2 unusable arguments.",
  ].join("\n"),
  args: ["[index]"],
  options: [
    ...logOptions,
    { flags: "--out <file>", help: "where to write the proof (default: standard output)" },
    { flags: "--save-entry <file>", help: "also write the entry itself" },
    { flags: "--check <file>", help: "check this proof" },
    { flags: "--entry <file>", help: "the entry the proof is to be about (with --check)" },
    { flags: "--witness <vkey...>", help: "a witness to believe (with --check)" },
    { flags: "--quorum <n>", help: "how many of them must have cosigned (with --check; default: all)" },
  ],
  async run(call) {
    const [index] = call.args;
    const check = textOption(call, "check");
    if ((index === undefined) === (check === undefined))
      fail("USAGE", {
        message: "name either the entry to prove or the proof to check",
        next: "Give INDEX or --check FILE.",
      });
    return check === undefined ? make(call, index!) : verify(call, check);
  },
});

async function make(call: Invocation, text: string): Promise<ExitCode> {
  if (!/^(0|[1-9]\d{0,14})$/.test(text)) fail("USAGE", `"${text.slice(0, 40)}" is not the index of an entry`);
  const index = Number(text);
  const { dir, vkey } = logPlace(call);
  const log = openLogReader(dir, { vkey });
  const checkpoint = await log.checkpointText();
  const size = log.size;
  const proof = writeTlogProof({ index, proof: await log.inclusionProof(index, size), checkpoint });
  const entry = await log.entry(index);
  // What we hand out, we have checked ourselves.
  const { origin } = verifyTlogProof(proof, entry, { logKey: vkey });
  const out = textOption(call, "out");
  const entryFile = textOption(call, "saveEntry");
  if (out !== undefined) writeDurably(resolve(call.cwd, out), proof);
  if (entryFile !== undefined) writeDurably(resolve(call.cwd, entryFile), entry);
  if (out === undefined) call.print(proof.trimEnd());
  else call.print(`proved  entry ${index} of ${size} on ${origin}: ${out}`);
  call.emit({
    index,
    size,
    origin,
    ...(out === undefined ? { proof } : { out }),
    ...(entryFile !== undefined && { entry: entryFile }),
  });
  return exitCodes.clean;
}

async function verify(call: Invocation, file: string): Promise<ExitCode> {
  const entryFile =
    textOption(call, "entry") ?? fail("USAGE", { message: "which entry should it prove?", next: "Give --entry FILE." });
  const { vkey: logKey } = logPlace(call);
  const witnesses = listOption(call, "witness").map((text) => vkeyFrom(text, call.cwd));
  const quorum = countOption(call, "quorum");
  const proof = readArgument(resolve(call.cwd, file), "the proof", maxFileBytes);
  const entry = readArgument(resolve(call.cwd, entryFile), "the entry", maxFileBytes);
  try {
    const said = verifyTlogProof(textOf(proof, "the proof"), entry, {
      logKey,
      witnesses,
      ...(quorum === undefined ? {} : { quorum }),
    });
    const { index, size, origin, root, cosignedBy } = said;
    call.print(`good  entry ${index} of ${size} on ${origin}`);
    if (cosignedBy.length > 0) call.print(`  cosigned by ${cosignedBy.join(", ")}`);
    call.emit({ ok: true, index, size, origin, root: toBase64(root), cosignedBy });
    return exitCodes.clean;
  } catch (error) {
    // A damaged proof proves nothing: that is an answer, not a wrong use of the command.
    if (!isCastellanError(error, "MALFORMED", "SIGNATURE", "INTEGRITY", "EXPIRED")) throw error;
    call.print(`BAD   ${file}: ${error.message}`);
    if (error.where) call.print(`  where ${error.where}`);
    call.emit({
      ok: false,
      code: error.code,
      problem: error.message,
      ...(error.where !== undefined && { where: error.where }),
    });
    return exitCodes.refused;
  }
}
