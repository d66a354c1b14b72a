import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A certificate made by the openssl program, with its key; all paths lie in the authority's folder. */
export interface Issued {
  readonly name: string;
  readonly keyFile: string;
  readonly certificateFile: string;
  readonly pem: Uint8Array;
}

export interface IssueOptions {
  readonly name: string;
  /** Who signs; absent for a self-signed certificate. */
  readonly issuer?: Issued;
  /** Lines of an OpenSSL extension section; none makes a certificate without extensions. */
  readonly extensions?: readonly string[];
  /** openssl genpkey arguments; default an EC key on P-256. */
  readonly key?: readonly string[];
  /** Validity as YYYYMMDDHHMMSSZ; default 2020 to 2049. */
  readonly from?: string;
  readonly to?: string;
  /** Distinguished name instead of /CN=name. */
  readonly subject?: string;
  /** Take this key instead of a new one. */
  readonly keyOf?: Issued;
  readonly digest?: string;
}

export const rootExtensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
export const leafExtensions = [
  "basicConstraints=critical,CA:FALSE",
  "keyUsage=critical,digitalSignature",
  "extendedKeyUsage=codeSigning",
];

/** Is the openssl program here? Tests that need it say so when it is not. */
export function haveOpenssl(): boolean {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A folder in which certificates are issued; `[Symbol.dispose]` removes it. */
export function certificateAuthority(): Disposable & { readonly folder: string; issue(options: IssueOptions): Issued } {
  const folder = mkdtempSync(join(tmpdir(), "castellan-ca-"));
  const run = (...args: string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  let serial = 0;
  return {
    folder,
    issue(options) {
      const { name, issuer, extensions = [], key, subject = `/CN=${name}` } = options;
      const stem = join(folder, `${++serial}`);
      const keyFile = options.keyOf?.keyFile ?? `${stem}.key`;
      if (!options.keyOf) {
        run("genpkey", ...(key ?? ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]), "-out", keyFile);
      }
      run("req", "-new", "-key", keyFile, "-subj", subject, "-out", `${stem}.csr`);
      writeFileSync(`${stem}.db`, "");
      writeFileSync(
        `${stem}.cnf`,
        [
          "[ca]",
          "default_ca=d",
          "[d]",
          `database=${stem}.db`,
          `new_certs_dir=${folder}`,
          `serial=${stem}.serial`,
          `default_md=${options.digest ?? "sha256"}`,
          "policy=p",
          "unique_subject=no",
          "email_in_dn=yes",
          ...(extensions.length > 0 ? ["x509_extensions=e"] : []),
          "[p]",
          "commonName=optional",
          "[e]",
          ...extensions,
        ].join("\n"),
      );
      writeFileSync(`${stem}.serial`, (4096 + serial).toString(16));
      const by = issuer
        ? ["-cert", issuer.certificateFile, "-keyfile", issuer.keyFile]
        : ["-selfsign", "-keyfile", keyFile];
      const validity = ["-startdate", options.from ?? "20200101000000Z", "-enddate", options.to ?? "20490101000000Z"];
      const certificateFile = `${stem}.pem`;
      run(
        "ca",
        "-batch",
        "-notext",
        "-config",
        `${stem}.cnf`,
        ...by,
        ...validity,
        "-in",
        `${stem}.csr`,
        "-out",
        certificateFile,
      );
      return { name, keyFile, certificateFile, pem: readFileSync(certificateFile) };
    },
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
