import { resolve } from "node:path";
import { verifyEvidence } from "../../app/evidence/verify.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { textTable, tint } from "../../report/text/table.ts";
import { command } from "../command.ts";
import { textOf } from "../../kit/bytes.ts";
import { readArgument } from "../read-argument.ts";
import { listOption, textOption } from "../options.ts";

export default command({
  name: "verify-evidence",
  summary: "check an exported evidence folder: offline, every layer",
  details: [
    "  castellan verify-evidence ./evidence --trust ./their-keys",
    "",
    "Needs no server, no home and no network. Exit code 0: everything holds; 1: something does not; 3: something is missing.",
    "Without --trust the keys come from the folder itself: that shows the evidence is whole, not whose it is.",
    "A trust folder holds NAME.pem public keys (operator.pem among them) and log.vkey; a home folder serves as well.",
  ].join("\n"),
  args: ["<folder>"],
  options: [
    { flags: "--trust <dir>", help: "folder with the public keys you trust and log.vkey" },
    { flags: "--witness <vkey...>", help: "witnesses whose cosignatures count" },
    { flags: "--checkpoint <file>", help: "a checkpoint of the log you have seen: the evidence must not be older" },
    { flags: "--quorum <n>", help: "how many of them must have signed (default: all)" },
  ],
  async run(call) {
    const trust = textOption(call, "trust");
    const quorum = textOption(call, "quorum");
    if (quorum !== undefined && !/^[1-9]\d{0,3}$/.test(quorum))
      fail("USAGE", `--quorum takes a number, not "${quorum}"`);
    const checkpoint = textOption(call, "checkpoint");
    const report = await verifyEvidence({
      checkpoint:
        checkpoint === undefined
          ? undefined
          : textOf(readArgument(resolve(call.cwd, checkpoint), "the checkpoint", 65_536)),
      folder: resolve(call.cwd, call.args[0]!),
      trust: trust === undefined ? undefined : resolve(call.cwd, trust),
      witnesses: listOption(call, "witness"),
      quorum: quorum === undefined ? undefined : Number(quorum),
    });
    const { subject, layers, outcome } = report;
    const tones = { pass: "good", fail: "bad", undecided: "open" } as const;
    if (subject)
      call.print(
        `${subject.name}:${subject.alias} ${subject.version}, checkpoint ${subject.logSize}, exported ${subject.exportedAt}`,
      );
    const rows = layers.map((layer) => [
      { text: layer.outcome === "fail" ? "FAIL" : layer.outcome, tone: tones[layer.outcome] },
      layer.title,
      layer.detail,
    ]);
    for (const line of textTable(rows, call.colour)) call.print(line);
    const answer = {
      pass: "Everything holds.",
      fail: "This evidence does not hold.",
      undecided: "Something needed is missing: undecided.",
    }[outcome];
    call.print(tint(answer, tones[outcome], call.colour));
    if (!report.pinned)
      call.note("note: the keys come from the folder itself; pin them with --trust to know whose evidence this is");
    call.emit(report as unknown as Json);
    return { pass: exitCodes.clean, fail: exitCodes.refused, undecided: exitCodes.undecided }[outcome];
  },
});
