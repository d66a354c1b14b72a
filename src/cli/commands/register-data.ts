import { command } from "../command.ts";
import { registrationOptions, runRegistration } from "../registration.ts";

export default command({
  name: "register data",
  summary: "register a dataset: a file or folder",
  details: [
    "Stores the bytes encrypted and records a signed registration on the log. The same bytes under the same name are the same version.",
    "",
    "  castellan register data ./train --name applications --origin origin.yaml --key data-team",
    "",
    "An origin file states source, licence, collector and consentBasis (and optionally collectedAt, region, purpose).",
  ].join("\n"),
  args: ["<path>"],
  options: registrationOptions,
  run: (call) => runRegistration(call, "dataset"),
});
