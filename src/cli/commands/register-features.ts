import { command } from "../command.ts";
import { registrationOptions, runRegistration } from "../registration.ts";

export default command({
  name: "register features",
  summary: "register a feature table; reading it back takes a role and is recorded",
  details: [
    "Stores the bytes encrypted and records a signed registration on the log. The same bytes under the same name are the same version.",
    "",
    "  castellan register features ./train --name applicant-features --origin origin.yaml --key data-team",
    "",
    "An origin file states source, licence, collector and consentBasis (and optionally collectedAt, region, purpose).",
  ].join("\n"),
  args: ["<path>"],
  options: registrationOptions,
  run: (call) => runRegistration(call, "features"),
});
