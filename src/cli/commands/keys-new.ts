import { mkdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { homeLayout } from "../../app/home/layout.ts";
import { createKeyFiles } from "../../app/keys/key-files.ts";
import { asName } from "../../core/asset.ts";
import type { KeyAlgorithm } from "../../core/ports.ts";
import { keyAlgorithms } from "../../core/ports.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { passphraseFromFile } from "../passphrase.ts";
import { readHome } from "../home-option.ts";

export default command({
  name: "keys new",
  summary: "make a key pair",
  details: [
    "Writes NAME.pem (private, mode 0600) and NAME.pub.pem into the home's key folder, or FILE and its public half with",
    "--out. Existing files are never overwritten.",
    "",
    "  castellan keys new alice",
    "  castellan keys new --out release.pem --algorithm ecdsa-p384 --passphrase-file phrase.txt",
  ].join("\n"),
  args: ["[name]"],
  options: [
    { flags: "--out <file>", help: "write the private key to this file instead" },
    { flags: "--algorithm <name>", help: "kind of key (default ecdsa-p256)", choices: keyAlgorithms },
    { flags: "--passphrase-file <file>", help: "encrypt the private key with the first line of this file" },
    { flags: "--trust", help: "also put the public key into the home's trust folder" },
    { flags: "--home <dir>", help: "home folder (default .castellan)" },
  ],
  async run(call) {
    const { options } = call;
    const name = call.args[0];
    const out = options["out"] as string | undefined;
    if ((name === undefined) === (out === undefined)) {
      fail("USAGE", { message: "a name or --out is needed, and not both", next: "Try: castellan keys new alice" });
    }
    const layout = homeLayout(readHome(call));
    const algorithm = (options["algorithm"] as KeyAlgorithm | undefined) ?? "ecdsa-p256";
    const phraseFile = options["passphraseFile"] as string | undefined;
    const passphrase = phraseFile === undefined ? undefined : passphraseFromFile(resolve(call.cwd, phraseFile));
    if (options["trust"] === true && name === undefined) fail("USAGE", "--trust needs the key's name");
    const target = name === undefined ? resolve(call.cwd, out!) : join(layout.keys, `${asName(name, "the key")}.pem`);
    if (name !== undefined) mkdirSync(layout.keys, { recursive: true, mode: 0o700 });

    const made = await createKeyFiles(target, algorithm, passphrase);
    if (options["trust"] === true) {
      mkdirSync(layout.trust, { recursive: true, mode: 0o700 });
      writeDurably(join(layout.trust, `${name}.pem`), readFileSync(made.publicFile), 0o644, true);
    }
    if (passphrase === undefined) call.note("note: the private key is not encrypted (see --passphrase-file)");
    call.print(`made a ${algorithm} key`);
    call.print(`  key      ${made.keyId}`);
    call.print(`  private  ${relative(call.cwd, made.privateFile)}`);
    call.print(`  public   ${relative(call.cwd, made.publicFile)}`);
    call.emit({ ...made, encrypted: passphrase !== undefined });
    return exitCodes.clean;
  },
});
