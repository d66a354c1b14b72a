import { X509Certificate } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Issued, IssueOptions } from "../../../test/support/certificate-authority.ts";
import {
  certificateAuthority,
  haveOpenssl,
  leafExtensions,
  rootExtensions,
} from "../../../test/support/certificate-authority.ts";
import { fromBase64, utf8 } from "../../kit/bytes.ts";
import { parseCertificate, parseCertificates } from "./certificate.ts";
import { orderChain } from "./chain.ts";
import { validatePath } from "./path.ts";

const now = Date.UTC(2026, 0, 1);
const openssl = haveOpenssl();
if (!openssl) console.log("not run: certificate paths, the openssl program is absent");

describe.runIf(openssl)("a path from a leaf to a root", () => {
  let authority: ReturnType<typeof certificateAuthority>;
  let root: Issued;
  let middle: Issued;
  const issue = (options: IssueOptions): Issued => authority.issue(options);
  const leafOf = (issuer: Issued, extensions: readonly string[] = leafExtensions, name = "leaf"): Issued =>
    issue({ name, issuer, extensions });
  const parsed = (...issued: Issued[]) => issued.flatMap(({ pem }) => parseCertificates(pem));
  const validate = (chain: Issued[], roots: Issued[], identity?: string, at = now) =>
    validatePath(parsed(...chain), { roots: parsed(...roots), identity, now: at });

  beforeAll(() => {
    authority = certificateAuthority();
    root = issue({ name: "root", extensions: rootExtensions });
    middle = issue({ name: "middle", issuer: root, extensions: [...rootExtensions] });
  });
  afterAll(() => authority[Symbol.dispose]());

  test("holds directly, over an intermediate, and over intermediates in any order", () => {
    expect(validate([leafOf(root)], [root]).subject).toBe("CN=leaf");
    expect(validate([leafOf(middle), middle], [root]).subject).toBe("CN=leaf");
    const lower = issue({ name: "lower", issuer: middle, extensions: rootExtensions });
    expect(validate([leafOf(lower), middle, lower], [root]).subject).toBe("CN=leaf");
    expect(validate([leafOf(lower), root, middle, lower], [root]).subject).toBe("CN=leaf");
  });

  test("may end at an intermediate authority the verifier trusts directly", () => {
    expect(validate([leafOf(middle)], [middle]).subject).toBe("CN=leaf");
  });

  test("holds for a leaf that has the very name of its issuer", () => {
    const twin = issue({ name: "middle", issuer: middle, extensions: leafExtensions });
    expect(validate([twin, middle], [root]).subject).toBe("CN=middle");
  });

  test("is refused without the intermediate, and under a foreign root", () => {
    const stranger = issue({ name: "stranger", extensions: rootExtensions });
    expect(() => validate([leafOf(middle)], [root])).toThrow(/no trusted issuer.*CN=middle/);
    expect(() => validate([leafOf(root)], [stranger])).toThrow(/no trusted issuer/);
  });

  test("is refused under another root of the same name", () => {
    const impostor = issue({ name: "root", extensions: rootExtensions });
    expect(() => validate([leafOf(root)], [impostor])).toThrow(/was not signed by the key of "CN=root"/);
  });

  test("is refused outside the validity of the leaf, the intermediate or the root", () => {
    const short = { from: "20250101000000Z", to: "20251231235959Z" };
    const expired = issue({ name: "old", issuer: root, extensions: leafExtensions, ...short });
    expect(() => validate([expired], [root])).toThrow(/"CN=old" expired on 2025-12-31/);
    expect(() => validate([expired], [root], undefined, Date.UTC(2024, 0, 1))).toThrow(/not valid before 2025-01-01/);
    expect(validate([expired], [root], undefined, Date.UTC(2025, 5, 1)).subject).toBe("CN=old");
    const oldMiddle = issue({ name: "oldMiddle", issuer: root, extensions: rootExtensions, ...short });
    expect(() => validate([leafOf(oldMiddle), oldMiddle], [root])).toThrow(/"CN=oldMiddle" expired/);
    const oldRoot = issue({ name: "oldRoot", extensions: rootExtensions, ...short });
    expect(() => validate([leafOf(oldRoot)], [oldRoot])).toThrow(/"CN=oldRoot" expired/);
  });

  test("is refused through a certificate that is no authority", () => {
    const notCa = issue({ name: "notCa", issuer: root, extensions: leafExtensions });
    expect(() => validate([leafOf(notCa), notCa], [root])).toThrow(/"CN=notCa" is not a certificate authority/);
    const bare = issue({ name: "bare" });
    expect(() => validate([leafOf(bare)], [bare])).toThrow(/"CN=bare" is not a certificate authority/);
  });

  test("is refused through an authority whose key usage does not cover certificates", () => {
    const wrong = issue({
      name: "wrong",
      issuer: root,
      extensions: ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,digitalSignature"],
    });
    expect(() => validate([leafOf(wrong), wrong], [root])).toThrow(/"CN=wrong" may not sign certificates/);
  });

  test("is refused when it is longer than an authority allows; self-issued certificates do not count", () => {
    const tight = issue({
      name: "tight",
      issuer: root,
      extensions: ["basicConstraints=critical,CA:TRUE,pathlen:0", "keyUsage=keyCertSign"],
    });
    expect(validate([leafOf(tight), tight], [root]).subject).toBe("CN=leaf");
    const lower = issue({ name: "lower", issuer: tight, extensions: rootExtensions });
    expect(() => validate([leafOf(lower), lower, tight], [root])).toThrow(/"CN=tight" allows 0 intermediate/);
    const rekeyed = issue({ name: "tight", issuer: tight, extensions: rootExtensions });
    expect(validate([leafOf(rekeyed), rekeyed, tight], [root]).subject).toBe("CN=leaf");
  });

  test("is refused when the leaf may not sign, or not sign code", () => {
    const encipher = leafOf(root, ["keyUsage=critical,keyEncipherment"]);
    expect(() => validate([encipher], [root])).toThrow(/may not be used for digital signatures/);
    const server = leafOf(root, ["keyUsage=digitalSignature", "extendedKeyUsage=serverAuth"]);
    expect(() => validate([server], [root])).toThrow(/may not be used for code signing/);
    const serverMiddle = issue({
      name: "serverMiddle",
      issuer: root,
      extensions: [...rootExtensions, "extendedKeyUsage=serverAuth"],
    });
    expect(() => validate([leafOf(serverMiddle), serverMiddle], [root])).toThrow(
      /"CN=serverMiddle" may not be used for/,
    );
    expect(validate([leafOf(root, ["extendedKeyUsage=anyExtendedKeyUsage"])], [root]).subject).toBe("CN=leaf");
    expect(validate([leafOf(root, [])], [root]).subject).toBe("CN=leaf");
  });

  test("is refused over critical extensions and name constraints nobody here understands", () => {
    const odd = leafOf(root, [...leafExtensions, "1.2.3.4=critical,ASN1:NULL"]);
    expect(() => validate([odd], [root])).toThrow(/critical extension that is not understood \(1\.2\.3\.4\)/);
    expect(validate([leafOf(root, [...leafExtensions, "1.2.3.4=ASN1:NULL"])], [root]).subject).toBe("CN=leaf");
    const constrained = issue({
      name: "constrained",
      issuer: root,
      extensions: [...rootExtensions, "nameConstraints=permitted;DNS:example.org"],
    });
    expect(() => validate([leafOf(constrained), constrained], [root])).toThrow(/not understood \(2\.5\.29\.30\)/);
  });

  test("is refused for a self-signed leaf, unless that certificate is itself the given root", () => {
    const lone = issue({ name: "lone", extensions: leafExtensions });
    expect(() => validate([lone], [root])).toThrow(/"CN=lone" is self-signed and is not the given root/);
    expect(validate([lone], [lone]).subject).toBe("CN=lone");
    const server = issue({ name: "lone", extensions: ["extendedKeyUsage=serverAuth"] });
    expect(() => validate([server], [server])).toThrow(/code signing/);
  });

  test("is refused when an issuer signed with SHA-1 or holds a short RSA key", () => {
    const sha1 = issue({ name: "sha1", issuer: root, extensions: leafExtensions, digest: "sha1" });
    expect(() => validate([sha1], [root])).toThrow(/broken hash/);
    const short = issue({
      name: "short",
      extensions: rootExtensions,
      key: ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    });
    expect(() => validate([leafOf(short)], [short])).toThrow(/RSA key of 1024 bits/);
  });

  test("gives up on certificates that all sign each other", () => {
    const maze = Array.from({ length: 3 }, () => issue({ name: "maze", extensions: rootExtensions }));
    const copies = Array.from({ length: 12 }, (_, i) =>
      issue({
        name: "maze",
        issuer: maze[0]!,
        keyOf: maze[0]!,
        extensions: [...rootExtensions, `1.2.3.${i}=ASN1:NULL`],
      }),
    );
    expect(() => validate([leafOf(maze[0]!), ...copies], [root])).toThrow(/too tangled|no trusted issuer/);
  });

  test("with an identity holds only for exactly that alternative name, whatever its kind", () => {
    const names = "subjectAltName=DNS:sign.example.org,URI:https://example.org/ci,email:rel@example.org,IP:192.0.2.7";
    const leaf = leafOf(root, [...leafExtensions, names]);
    for (const identity of ["sign.example.org", "https://example.org/ci", "rel@example.org", "192.0.2.7"]) {
      expect(validate([leaf], [root], identity).identities).toContain(identity);
    }
    for (const identity of ["example.org", "SIGN.example.org", "https://example.org/", "leaf", ""]) {
      expect(() => validate([leaf], [root], identity)).toThrow(/is for sign\.example\.org.*not for/);
    }
    expect(() => validate([leafOf(root)], [root], "leaf")).toThrow(/carries no subject alternative name/);
    const wildcard = leafOf(root, [...leafExtensions, "subjectAltName=DNS:*.example.org"]);
    expect(() => validate([wildcard], [root], "a.example.org")).toThrow(/not for "a\.example\.org"/);
  });

  test("agrees with openssl on names, dates and constraints of what was parsed", () => {
    const [certificate] = parsed(middle);
    const node = new X509Certificate(middle.pem);
    expect(certificate!.notBefore).toBe(node.validFromDate.getTime());
    expect(certificate!.notAfter).toBe(node.validToDate.getTime());
    expect(certificate!.authority).toBe(node.ca);
    expect(certificate!.keyUsage).toEqual({ digitalSignature: false, keyCertSign: true });
  });

  test("is ordered leaf first from a file in any order", () => {
    const leaf = leafOf(middle);
    const key = parsed(leaf)[0]!.publicKey;
    expect(orderChain(parsed(root, middle, leaf), key).map(({ subject }) => subject)).toEqual([
      "CN=leaf",
      "CN=middle",
      "CN=root",
    ]);
    expect(() => orderChain(parsed(root, middle), key)).toThrow(/belongs to the signing key/);
  });

  test("damaged certificates never pass: every flipped byte is refused or breaks the path", () => {
    const leaf = parsed(leafOf(root))[0]!;
    const roots = parsed(root);
    for (let i = 0; i < leaf.der.length; i += 3) {
      const der = new Uint8Array(leaf.der);
      der[i] = der[i]! ^ 0x41;
      expect(() => validatePath([parseCertificate(der)], { roots, now })).toThrow();
    }
  });
});

test("certificate files without a certificate, or cut short, are malformed", () => {
  expect(() => parseCertificates(utf8("hello"))).toThrow(/no certificate/);
  expect(() => parseCertificate(utf8("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))).toThrow(
    /not a readable/,
  );
  expect(() => parseCertificate(new Uint8Array([0x30, 0x03, 1, 2, 3]))).toThrow(/not a readable/);
});

const vector = "../shared/data/vectors/model-signing-spec/test-vectors/v1.0/valid/certificate.bundle.json";

test("the published chain, whose leaf has its issuer's name, holds up to its intermediate", () => {
  if (!existsSync(vector)) {
    console.log("not run: ../shared/data absent");
    return;
  }
  const bundle = JSON.parse(readFileSync(vector, "utf8")) as {
    verificationMaterial: { x509CertificateChain: { certificates: { rawBytes: string }[] } };
  };
  const chain = bundle.verificationMaterial.x509CertificateChain.certificates.map(({ rawBytes }) =>
    parseCertificate(fromBase64(rawBytes)),
  );
  expect(chain[0]!.subject).toBe(chain[0]!.issuer);
  expect(validatePath(chain, { roots: [chain[1]!], now })).toBe(chain[0]);
  expect(() => validatePath(chain, { roots: [chain[0]!], now })).toThrow(/may not sign certificates|no trusted issuer/);
});
