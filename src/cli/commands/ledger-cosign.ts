import { durationMs } from "../../kit/duration.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { parseVkey } from "../../ledger/note.ts";
import { quorumOf } from "../../ledger/quorum.ts";
import { openLogReader } from "../../ledger/reader.ts";
import { storeCosigned } from "../../ledger/store-cosigned.ts";
import { type Cosigned, collectCosignatures, parseWitnessAddress } from "../../ledger/witness/client.ts";
import { command } from "../command.ts";
import { countOption, listOption, textOption } from "../options.ts";
import { logOptions, logPlace } from "../ledger-arguments.ts";

/** The log may publish a newer checkpoint while witnesses answer; then the newer one is taken to them. */
const maxRounds = 3;

export default command({
  name: "ledger cosign",
  summary: "ask witnesses to cosign the log's checkpoint and keep their signatures in it",
  details: [
    "  castellan ledger cosign --witness http://127.0.0.1:4040=w1+0123abcd+BA…  --quorum 1",
    "",
    "Exit codes: 0 enough witnesses cosigned, 1 a witness saw another history of this log, 3 too few answered.",
  ].join("\n"),
  options: [
    ...logOptions,
    { flags: "--witness <url=vkey...>", help: "a witness: its URL, an equals sign, its vkey", required: true },
    { flags: "--quorum <n>", help: "how many must cosign (default: all)" },
    { flags: "--timeout <duration>", help: "how long to wait for them (default: 10s)" },
  ],
  async run(call) {
    const { dir, vkey } = logPlace(call);
    const witnesses = listOption(call, "witness").map(parseWitnessAddress);
    const n = countOption(call, "quorum") ?? witnesses.length;
    quorumOf({ n, witnesses: witnesses.map((witness) => witness.vkey) }, parseVkey(vkey));
    const timeoutMs = durationMs(textOption(call, "timeout") ?? "10s");
    const log = openLogReader(dir, { vkey });
    const once = async (): Promise<Cosigned> =>
      collectCosignatures({
        checkpoint: await log.checkpointText(),
        witnesses,
        n,
        log,
        timeoutMs,
        signal: call.signal,
      });

    let cosigned = await once();
    for (let round = 1; !(await storeCosigned(dir, vkey, cosigned.checkpoint, { now: () => Date.now() })); round++) {
      if (round === maxRounds)
        fail("BUSY", {
          message: "the log keeps publishing new checkpoints",
          where: dir,
          next: "Try again when it is quieter.",
        });
      cosigned = await once();
    }
    const { cosignedBy, refusals } = cosigned;
    call.print(`cosigned  ${log.size} entries by ${cosignedBy.join(", ")}`);
    for (const { witness, why } of refusals) call.print(`  missing  ${witness}: ${why}`);
    call.emit({
      size: log.size,
      cosignedBy,
      refusals: refusals.map(({ witness, url, code, why }) => ({ witness, url, code, why })),
    });
    return exitCodes.clean;
  },
});
