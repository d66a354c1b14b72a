import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { ignoredPaths } from "../../app/model-files/inside.ts";
import type { ModelVerification } from "../../app/model-files/verify-model.ts";
import { verifyModel } from "../../app/model-files/verify-model.ts";
import type { Json } from "../../kit/canonical-json.ts";
import { CastellanError, exitCodes, fail, isCastellanError } from "../../kit/errors.ts";
import { algorithmOf, parsePublicKey } from "../../seal/keys.ts";
import { maxBundleBytes } from "../../seal/model-signing/bundle.ts";
import { requireModelKey } from "../../seal/model-signing/sign.ts";
import type { Trust } from "../../seal/model-signing/verify.ts";
import type { Invocation } from "../command.ts";
import { command } from "../command.ts";
import { readArgument } from "../read-argument.ts";

const shownProblems = 50;

export default command({
  name: "verify",
  summary: "verify a model against its signature (OpenSSF Model Signing)",
  details: [
    "Checks that the bundle was signed by the given key, or by a certificate that leads to the given root, and that the",
    "model is exactly what was signed: nothing changed, missing or added.",
    "",
    "  castellan verify model/ --signature model.sig --key alice.pub.pem",
    "  castellan verify model/ --signature model.sig --root ca.pem --identity release@example.org",
    "",
    "exit codes: 0 good, 1 does not verify, 2 unusable arguments",
  ].join("\n"),
  args: ["<path>"],
  options: [
    { flags: "--signature <file>", help: "the signature bundle", required: true },
    { flags: "--key <file>", help: "public key of the signer, PEM" },
    { flags: "--root <file>", help: "certificate of the authority to trust, PEM" },
    { flags: "--identity <name>", help: "subject alternative name the signer's certificate must carry, exactly" },
    { flags: "--ignore-path <path...>", help: "file or folder that may be there unsigned, by its path from the root" },
    { flags: "--allow-symlinks", help: "follow symbolic links even if the signer did not" },
    { flags: "--ignore-unsigned-files", help: "do not mind files the signature does not list" },
  ],
  async run(call) {
    const { root, signature, bundle, trust, ignorePaths } = await usable(call);
    let result: ModelVerification;
    try {
      result = await verifyModel({
        root,
        bundle,
        bundlePath: signature,
        trust,
        ignorePaths,
        allowSymlinks: call.options["allowSymlinks"] === true,
        ignoreUnsignedFiles: call.options["ignoreUnsignedFiles"] === true,
        progress: call.progress,
        signal: call.signal,
      });
    } catch (error) {
      if (!isCastellanError(error) || error.code === "INTERNAL" || error.code === "UNDECIDED") throw error;
      const { code, message, next } = error;
      call.print(`does not verify: ${message} (${code})`);
      if (next) call.print(`  ${next}`);
      call.emit({ verified: false, path: root, signature, error: { code, message, next }, problems: [] });
      return exitCodes.refused;
    }
    for (const warning of result.warnings) call.note(`warning: ${warning}`);
    if (result.legacyEncoding) call.note("warning: the signature is in the faulty encoding of version 0.2; sign anew");
    const verified = result.problems.length === 0;
    if (verified) {
      call.print(`verified ${result.manifest.modelName || root}: ${result.files} files, ${result.bytes} bytes`);
      call.print(`  root digest  sha256:${result.rootDigest}`);
      call.print(`  signed by    ${signerText(result)}`);
    } else {
      call.print(`does not verify: the signature is good, but the model is not what was signed`);
      for (const { message } of result.problems.slice(0, shownProblems)) call.print(`  ${message}`);
      const more = result.problems.length - shownProblems;
      if (more > 0) call.print(`  and ${more} more`);
    }
    call.emit(resultDocument(result, root, signature));
    return verified ? exitCodes.clean : exitCodes.refused;
  },
});

/** Everything the arguments name, read. All that fails here is the caller's mistake and exit code 2. */
async function usable(call: Invocation): Promise<{
  root: string;
  signature: string;
  bundle: Uint8Array;
  trust: Trust;
  ignorePaths: string[];
}> {
  const path = (name: string): string | undefined => {
    const value = call.options[name];
    return typeof value === "string" ? resolve(call.cwd, value) : undefined;
  };
  try {
    const root = resolve(call.cwd, call.args[0]!);
    const signature = path("signature")!;
    if (!existsSync(root)) fail("USAGE", { message: "the model does not exist", where: root });
    return {
      root,
      signature,
      trust: await trustOf(path("key"), path("root"), call.options["identity"] as string | undefined),
      bundle: readArgument(signature, "the signature", maxBundleBytes),
      ignorePaths: ignoredPaths(root, (call.options["ignorePath"] as string[] | undefined) ?? [], call.cwd),
    };
  } catch (error) {
    if (!isCastellanError(error) || error.exitCode === exitCodes.usage) throw error;
    const { message, where, next } = error;
    throw new CastellanError("USAGE", { message, where, next, cause: error });
  }
}

async function trustOf(
  key: string | undefined,
  root: string | undefined,
  identity: string | undefined,
): Promise<Trust> {
  if ((key === undefined) === (root === undefined)) {
    fail("USAGE", {
      message: key === undefined ? "neither --key nor --root was given" : "both --key and --root were given",
      next: "Say whom to trust: --key with a public key, or --root with an authority's certificate.",
    });
  }
  if (key !== undefined) {
    if (identity !== undefined) fail("USAGE", "--identity goes with --root: a bare key carries no name");
    const publicKey = parsePublicKey(readArgument(key, "the key", 64 * 1024), key);
    requireModelKey(algorithmOf(publicKey));
    return { method: "key", key: publicKey };
  }
  const { parseCertificates } = await import("../../seal/x509/certificate.ts");
  const roots = parseCertificates(readArgument(root!, "the root certificate", 1024 * 1024), root);
  return { method: "certificate", roots, identity, now: Date.now() };
}

function signerText({ signedBy, certificate }: ModelVerification): string {
  if (!certificate) return signedBy;
  const names = certificate.identities.join(", ");
  return `${certificate.subject || "a certificate without a subject"}${names ? ` (${names})` : ""}, ${signedBy}`;
}

function resultDocument(result: ModelVerification, path: string, signature: string): Json {
  const { certificate, manifest } = result;
  return {
    verified: result.problems.length === 0,
    path,
    signature,
    method: result.method,
    predicateType: result.predicateType,
    model: manifest.modelName,
    rootDigest: `sha256:${result.rootDigest}`,
    serialization: { ...manifest.serialization },
    signedBy: result.signedBy,
    certificate: certificate && {
      subject: certificate.subject,
      issuer: certificate.issuer,
      identities: certificate.identities,
      notAfter: new Date(certificate.notAfter).toISOString(),
    },
    legacyEncoding: result.legacyEncoding,
    files: result.files,
    bytes: result.bytes,
    problems: result.problems.map((problem) => ({ ...problem })),
    warnings: result.warnings,
  };
}
