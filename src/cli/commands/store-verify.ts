import type { Json } from "../../kit/canonical-json.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "store verify",
  summary: "re-check everything stored: bytes, signatures, places on the log",
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const report = await home.registry.verifyStored();
      for (const problem of report.problems) call.print(`FAIL  ${problem.where}: ${problem.message}`);
      call.print(
        report.problems.length === 0 ? "everything stored is as it was recorded" : `${report.problems.length} problems`,
      );
      call.emit(report as unknown as Json);
      return report.problems.length === 0 ? exitCodes.clean : exitCodes.refused;
    }),
});
