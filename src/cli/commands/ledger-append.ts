import { resolve } from "node:path";
import { folderKeys, keyFileExposure } from "../../app/keys/folder-keys.ts";
import { basename, dirname } from "node:path";
import { textOf } from "../../kit/bytes.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { wrapMemberEntry } from "../../ledger/consortium.ts";
import { ed25519NoteSigner } from "../../ledger/note.ts";
import { openLogWriter } from "../../ledger/writer.ts";
import type { Signer } from "../../core/ports.ts";
import { askPassphrase, canAsk } from "../passphrase.ts";
import { command } from "../command.ts";
import { textOption } from "../options.ts";
import { readArgument } from "../read-argument.ts";

export default command({
  name: "ledger append",
  summary: "append a file's text to a log of several parties, signed by the one who appends",
  details: [
    "  castellan ledger append statement.json --log ./shared-log --origin example.org/consortium --log-key log.pem \\",
    "    --member hospital-a --key hospital-a.pem",
    "",
    "Each entry is a signed note: the log says whose every leaf is. Check it with: castellan ledger verify --members members.txt",
    "A home's own log is written by its registry only.",
  ].join("\n"),
  args: ["<file>"],
  options: [
    { flags: "--log <dir>", help: "folder of the log; made when missing", required: true },
    { flags: "--origin <name>", help: "name of the log", required: true },
    { flags: "--log-key <file>", help: "the log's Ed25519 private key (PEM)", required: true },
    { flags: "--member <name>", help: "name of the member who appends, as in the members file", required: true },
    { flags: "--key <file>", help: "the member's Ed25519 private key (PEM)", required: true },
  ],
  async run(call) {
    const option = (name: string): string => textOption(call, name)!;
    const entry = textOf(readArgument(resolve(call.cwd, call.args[0]!), "the entry", 60_000), call.args[0]);
    const member = ed25519NoteSigner(option("member"), await keyIn(resolve(call.cwd, option("key"))));
    const bytes = await wrapMemberEntry(entry.replace(/\n$/, ""), member);
    const log = await openLogWriter({
      dir: resolve(call.cwd, option("log")),
      origin: option("origin"),
      signer: await keyIn(resolve(call.cwd, option("logKey"))),
      clock: { now: () => Date.now() },
    });
    try {
      const { index } = await log.append(bytes);
      await log.publish();
      call.print(`entry ${index} of ${log.origin}, signed by ${option("member")}`);
      call.emit({ index, origin: log.origin, vkey: log.vkey, member: option("member") });
      return exitCodes.clean;
    } finally {
      await log.close();
    }
  },
});

async function keyIn(path: string): Promise<Signer> {
  if (!path.endsWith(".pem")) fail("USAGE", { message: "A private key file ends in .pem", where: path });
  const exposure = keyFileExposure(path);
  if (exposure) fail("FORBIDDEN", { message: exposure, where: path, next: `Run: chmod 600 ${path}` });
  const ask = async (name: string): Promise<string | undefined> =>
    canAsk() ? askPassphrase(`pass phrase of ${name}`) : undefined;
  return folderKeys({ folder: dirname(path), passphrase: ask }).open(basename(path, ".pem"));
}
