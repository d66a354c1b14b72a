import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import type { Signer } from "../../core/ports.ts";
import { steadyClock } from "../../kit/clock.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { hexOfDigest } from "../../kit/digest.ts";
import { runWitness } from "../../ledger/witness/run.ts";
import { generateKey, parsePrivateKey, signerOf, writePrivateKey } from "../../seal/keys.ts";
import { command, type Invocation } from "../command.ts";
import { listOption, textOption } from "../options.ts";
import { vkeyFrom } from "../ledger-arguments.ts";
import { passphraseFromFile } from "../passphrase.ts";
import { readArgument } from "../read-argument.ts";

const maxKeyBytes = 64 * 1024;

export default command({
  name: "ledger witness",
  summary: "run a witness that cosigns a log's checkpoints only while the log never takes anything back",
  details: [
    "A witness is its own process with its own key and its own state, best on a machine and with an owner of its own.",
    "It speaks the C2SP tlog-witness protocol: POST /add-checkpoint. It refuses roll-backs, forks and unknown logs,",
    "and stores what it cosigned durably before it answers. Never delete the state folder of a key in use.",
    "",
    "  castellan ledger witness --listen 127.0.0.1:4040 --state w1 --key w1.pem --new-key --log .castellan/keys/log.vkey",
    "",
    'With --json it prints one line when ready: {"witness": URL, "vkey": KEY}. SIGTERM stops it.',
  ].join("\n"),
  options: [
    { flags: "--listen <host:port>", help: "where to listen; port 0 takes any free one", required: true },
    { flags: "--state <dir>", help: "folder for what it cosigned; made when missing", required: true },
    { flags: "--key <file>", help: "its Ed25519 private key (PEM)", required: true },
    { flags: "--new-key", help: "make the key file first; refused when it exists" },
    { flags: "--passphrase-file <file>", help: "pass phrase of the key file" },
    { flags: "--name <name>", help: "its name on signature lines (default: witness- and the start of its key id)" },
    { flags: "--log <vkey...>", help: "a log it follows: its vkey, or a file that holds it", required: true },
  ],
  async run(call) {
    const path = resolve(call.cwd, textOption(call, "key")!);
    const logs = listOption(call, "log").map((text) => vkeyFrom(text, call.cwd));
    const signer = await witnessKey(call, path);
    const name = textOption(call, "name") ?? `witness-${hexOfDigest(signer.keyId).slice(0, 12)}`;
    const launcher = Number(call.env["CASTELLAN_LAUNCHER_PID"]);
    await runWitness({
      name,
      signer,
      logs,
      stateDir: resolve(call.cwd, textOption(call, "state")!),
      listen: textOption(call, "listen")!,
      clock: steadyClock({ now: () => Date.now() }),
      signal: call.signal,
      launcher: Number.isSafeInteger(launcher) && launcher > 0 ? launcher : undefined,
      ready({ url, vkey }) {
        call.print(`witness ${url}\n  key   ${vkey}\n  logs  ${logs.join("\n        ")}`);
        call.emit({ witness: url, vkey });
      },
      onError: (error) =>
        call.note(`could not answer a request: ${error instanceof Error ? error.message : String(error)}`),
    });
    return exitCodes.clean;
  },
});

/** The witness's key, made first when that was asked for. */
async function witnessKey(call: Invocation, path: string): Promise<Signer> {
  const file = textOption(call, "passphraseFile");
  const passphrase = file === undefined ? undefined : passphraseFromFile(resolve(call.cwd, file));
  if (call.options["newKey"] === true)
    writeDurably(path, await writePrivateKey(generateKey("ed25519").privateKey, passphrase), 0o600, true);
  else if (!existsSync(path))
    fail("NOT_FOUND", { message: "there is no such key", where: path, next: "Add --new-key to make it." });
  const key = await parsePrivateKey(readArgument(path, "the key file", maxKeyBytes), path, passphrase);
  if (key.asymmetricKeyType !== "ed25519")
    fail("UNSUPPORTED", {
      message: "a witness signs with an Ed25519 key",
      where: path,
      next: "Make one with --new-key.",
    });
  return signerOf(key);
}
