import { finding } from "../../../core/check.ts";
import { check } from "../../../scan/check.ts";
import { callObservation, callsOf } from "../../model/pickle-calls.ts";

export default check({
  id: "supply/model/pickle-unknown",
  asks: "pickle",
  title: "Loading this pickle calls something castellan does not know",
  severity: "high",
  refs: ["cwe:502", "atlas:AML.T0011.000", "owasp-ml:ML06"],
  fix: "Find out what the named function or class does before you load the file; if it is your own, load the file only where you trust its origin.",
  details:
    "castellan lists what the common libraries call when their objects are restored, and treats everything else as able to do harm: function by function, with the reason. Bare instances of classes that are not listed are reported less severely, because only their attributes are restored.",
  *see({ structure }) {
    for (const call of callsOf(structure)) {
      if (call.effect !== "unknown" || call.severity === "none") continue;
      yield finding(callObservation(call, call.severity));
    }
  },
});
