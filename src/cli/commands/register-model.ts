import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { attachSignature } from "../../app/flows/attach-signature.ts";
import { recordTrainingRun, readTrainingRun } from "../../app/flows/training-run.ts";
import { recordModelScan, scanLine } from "../../app/flows/model-scan.ts";
import { command } from "../command.ts";
import { registrationOptions, runRegistration } from "../registration.ts";
import { signingKey } from "../signing-key.ts";
import { textOption } from "../options.ts";

export default command({
  name: "register model",
  summary: "register a model: a file or folder",
  details: [
    "  castellan register model model.onnx --name credit --input applications --run run.yaml --key trainer --signature model.sig",
    "",
    "A run file states what is known of the training run: operator, code {uri, commit}, lockfile, parameters, environment.",
    "The model is scanned without being loaded, and the result goes on record.",
    "It becomes a SLSA provenance statement whose dependencies are the registered inputs, signed with --key.",
  ].join("\n"),
  args: ["<path>"],
  options: [
    ...registrationOptions,
    { flags: "--run <file>", help: "facts about the training run (YAML or JSON)" },
    { flags: "--no-scan", help: "do not scan it for what would run when it is loaded" },
    { flags: "--signature <file>", help: "OpenSSF model signature made over PATH (castellan sign)" },
  ],
  run: (call) =>
    runRegistration(call, "model", async (home, version) => {
      if (call.options["scan"] !== false)
        call.note(scanLine((await recordModelScan(home, version, call.progress)).report));
      const run = textOption(call, "run");
      if (run !== undefined) {
        const facts = readTrainingRun(resolve(call.cwd, run));
        await recordTrainingRun(home, version, facts, await signingKey(call, home));
      }
      const signature = textOption(call, "signature");
      if (signature !== undefined) await attachSignature(home, version, readFileSync(resolve(call.cwd, signature)));
    }),
});
