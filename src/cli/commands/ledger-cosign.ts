import { cosignCheckpoint } from "../../app/flows/cosign-checkpoint.ts";
import { durationMs } from "../../kit/duration.ts";
import { exitCodes } from "../../kit/errors.ts";
import { parseVkey } from "../../ledger/note.ts";
import { quorumOf } from "../../ledger/quorum.ts";
import { parseWitnessAddress } from "../../ledger/witness/client.ts";
import { command } from "../command.ts";
import { countOption, listOption, textOption } from "../options.ts";
import { logOptions, logPlace } from "../ledger-arguments.ts";

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
    const clock = { now: () => Date.now() };
    const cosigned = await cosignCheckpoint({ dir, vkey, witnesses, n, timeoutMs, clock, signal: call.signal });
    const { cosignedBy, refusals, size } = cosigned;
    call.print(`cosigned  ${size} entries by ${cosignedBy.join(", ")}`);
    for (const { witness, why } of refusals) call.print(`  missing  ${witness}: ${why}`);
    call.emit({
      size,
      cosignedBy,
      refusals: refusals.map(({ witness, url, code, why }) => ({ witness, url, code, why })),
    });
    return exitCodes.clean;
  },
});
