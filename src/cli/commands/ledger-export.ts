import { resolve } from "node:path";
import { toBase64 } from "../../kit/bytes.ts";
import { exitCodes } from "../../kit/errors.ts";
import { auditLog } from "../../ledger/audit.ts";
import { exportLog } from "../../ledger/export.ts";
import { command } from "../command.ts";
import { logOptions, logPlace } from "../ledger-arguments.ts";

export default command({
  name: "ledger export",
  summary: "copy the log as a plain C2SP tile log that anybody can host and audit, and audit the copy",
  details: [
    "Writes checkpoint and tiles to a new or empty folder. Put behind any web server it is a C2SP tile log.",
    "",
    "  castellan ledger export public-log/",
  ].join("\n"),
  args: ["<dir>"],
  options: logOptions,
  async run(call) {
    const { dir, vkey } = logPlace(call);
    const to = resolve(call.cwd, call.args[0]!);
    const { size } = await exportLog(dir, to);
    const { ok, checkpoint, defects, filesChecked } = await auditLog(to, vkey, { progress: call.progress });
    call.print(`${ok ? "exported" : "BAD     "}  ${size} entries to ${to}`);
    for (const { file, problem } of defects) call.print(`  problem  ${file}: ${problem}`);
    call.emit({
      ok,
      dir: to,
      size,
      ...(checkpoint && { origin: checkpoint.origin, root: toBase64(checkpoint.root) }),
      filesChecked,
      problems: defects.map(({ file, problem }) => ({ where: file, problem })),
    });
    return ok ? exitCodes.clean : exitCodes.refused;
  },
});
