import { existsSync, statSync } from "node:fs";
import type { KeyObject } from "node:crypto";
import { dirname, relative, resolve } from "node:path";
import { writeDurably } from "../../app/home/durable-file.ts";
import { keyFileExposure } from "../../app/keys/folder-keys.ts";
import { ignoredPaths } from "../../app/model-files/inside.ts";
import { signModel } from "../../app/model-files/sign-model.ts";
import { exitCodes, fail, isCastellanError } from "../../kit/errors.ts";
import { parsePrivateKey, signerOf } from "../../seal/keys.ts";
import { maxBundleBytes, parseBundle } from "../../seal/model-signing/bundle.ts";
import { requireModelKey } from "../../seal/model-signing/sign.ts";
import type { Certificate } from "../../seal/x509/certificate.ts";
import { command } from "../command.ts";
import { askPassphrase, canAsk, passphraseFromFile } from "../passphrase.ts";
import { readArgument } from "../read-argument.ts";

export default command({
  name: "sign",
  summary: "sign a model (OpenSSF Model Signing)",
  details: [
    "Hashes every file under PATH (or the one file) and writes a detached signature bundle, which any OpenSSF Model",
    "Signing verifier can check. Git's own files at the top and the bundle itself are left out.",
    "",
    "  castellan keys new alice --out alice.pem",
    "  castellan sign model/ --key alice.pem --out model.sig",
    "  castellan verify model/ --signature model.sig --key alice.pub.pem",
  ].join("\n"),
  args: ["<path>"],
  options: [
    { flags: "--key <file>", help: "private key, PEM (P-256, P-384 or P-521)", required: true },
    { flags: "--out <file>", help: "where to write the signature bundle", required: true },
    { flags: "--cert-chain <file>", help: "certificate of the key and its issuers, PEM" },
    { flags: "--shard-size <bytes>", help: "sign byte ranges of this size instead of whole files" },
    { flags: "--ignore-path <path...>", help: "file or folder to leave out, by its path from the model's root" },
    { flags: "--allow-symlinks", help: "follow symbolic links instead of refusing them" },
    { flags: "--passphrase-file <file>", help: "file whose first line is the pass phrase of the key" },
  ],
  async run(call) {
    const { options } = call;
    const root = resolve(call.cwd, call.args[0]!);
    const out = resolve(call.cwd, String(options["out"]));
    const keyFile = resolve(call.cwd, String(options["key"]));
    const shardSize = options["shardSize"] === undefined ? undefined : shardBytes(String(options["shardSize"]));
    if (!existsSync(root)) fail("USAGE", { message: "the model does not exist", where: root });
    checkOut(out, root);

    const key = await privateKey(keyFile, options["passphraseFile"] as string | undefined, call.cwd);
    const exposure = keyFileExposure(keyFile);
    if (exposure) call.note(`warning: ${exposure}: ${keyFile}`);
    const signer = signerOf(key);
    requireModelKey(signer.algorithm);
    const chainFile = options["certChain"] as string | undefined;
    const chain = chainFile === undefined ? undefined : await certificateChain(resolve(call.cwd, chainFile), key);
    const leaf = chain?.[0];
    if (leaf && Date.now() > leaf.notAfter) call.note(`warning: the certificate "${leaf.subject}" has expired`);

    const signed = await signModel({
      root,
      signer,
      certificates: chain?.map(({ der }) => der),
      shardSize,
      allowSymlinks: options["allowSymlinks"] === true,
      ignorePaths: ignoredPaths(root, (options["ignorePath"] as string[] | undefined) ?? [], call.cwd),
      bundlePath: out,
      progress: call.progress,
      signal: call.signal,
    });
    writeDurably(out, signed.bundle);

    for (const warning of signed.warnings) call.note(`warning: ${warning}`);
    call.print(`signed ${signed.modelName}: ${signed.files} files, ${signed.bytes} bytes`);
    call.print(`  root digest  sha256:${signed.rootDigest}`);
    call.print(`  key          ${signer.keyId}`);
    call.print(`  bundle       ${relative(call.cwd, out) || out}`);
    call.emit({
      signature: out,
      path: root,
      model: signed.modelName,
      rootDigest: `sha256:${signed.rootDigest}`,
      method: chain ? "certificate" : "key",
      serialization: { ...signed.serialization },
      files: signed.files,
      resources: signed.resources.length,
      bytes: signed.bytes,
      keyId: signer.keyId,
      warnings: [...signed.warnings],
    });
    return exitCodes.clean;
  },
});

function shardBytes(text: string): number {
  const size = Number(text);
  return /^\d+$/.test(text) && Number.isSafeInteger(size) && size > 0
    ? size
    : fail("USAGE", `--shard-size ${text.slice(0, 40)} is not a positive number of bytes`);
}

/** Hashing may take hours: what would make writing impossible, or destroy a file of the model, is found out first. */
function checkOut(out: string, root: string): void {
  if (!existsSync(dirname(out))) fail("USAGE", { message: "the folder of --out does not exist", where: dirname(out) });
  if (out === root) fail("USAGE", { message: "--out would overwrite the model", where: out });
  if (!existsSync(out)) return;
  if (statSync(out).isDirectory()) fail("USAGE", { message: "--out is a folder", where: out });
  const bytes = readArgument(out, "the existing file at --out", maxBundleBytes);
  if (bytes.length === 0) return;
  try {
    parseBundle(bytes);
  } catch (cause) {
    fail("CONFLICT", {
      message: "--out exists and is not a signature bundle; it is not overwritten",
      where: out,
      next: "Choose another name, or remove the file.",
      cause,
    });
  }
}

async function privateKey(path: string, passphraseFile: string | undefined, cwd: string): Promise<KeyObject> {
  const bytes = readArgument(path, "the key", 64 * 1024);
  const phrase = passphraseFile === undefined ? undefined : passphraseFromFile(resolve(cwd, passphraseFile));
  try {
    return await parsePrivateKey(bytes, path, phrase);
  } catch (error) {
    if (phrase !== undefined || !isCastellanError(error, "FORBIDDEN") || !canAsk()) throw error;
    return parsePrivateKey(bytes, path, await askPassphrase(`pass phrase of ${path}`));
  }
}

async function certificateChain(path: string, key: KeyObject): Promise<Certificate[]> {
  const { parseCertificates } = await import("../../seal/x509/certificate.ts");
  const { orderChain } = await import("../../seal/x509/chain.ts");
  return orderChain(parseCertificates(readArgument(path, "the certificate chain", 1024 * 1024), path), key, path);
}
