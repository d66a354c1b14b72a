import { isDigest } from "../kit/digest.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { nearest } from "../kit/nearest.ts";
import type { VerifiedStatement } from "../core/statement.ts";
import { keyIdOf, parsePublicKey } from "../seal/keys.ts";
import type { Policy } from "./policy-types.ts";

/** By signer name: the key ids (`sha256:…`) and certificate identities that are theirs. */
export type SignerKeys = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Who a policy's signers are: key ids as they stand, PEM text by its key id, anything else by name among `trusted` (name of a
 * file in HOME/trust, without .pem → its key id).
 * @throws CONFIG when a key is not readable or no trusted key has that name
 */
export function resolveSigners(policy: Policy, trusted: ReadonlyMap<string, Digest>): SignerKeys {
  const resolved = new Map<string, ReadonlySet<string>>();
  for (const [name, { keys = [], identities = [] }] of Object.entries(policy.signers)) {
    resolved.set(name, new Set([...keys.map((key) => resolveKey(policy.name, name, key, trusted)), ...identities]));
  }
  return resolved;
}

function resolveKey(policy: string, signer: string, key: string, trusted: ReadonlyMap<string, Digest>): Digest {
  if (isDigest(key)) return key;
  const what = `the key of signer ${signer} in policy ${policy}`;
  if (key.includes("-----BEGIN")) {
    try {
      return keyIdOf(parsePublicKey(key, what));
    } catch (cause) {
      return fail("CONFIG", { message: `${what} is not a readable public key`, cause });
    }
  }
  const guess = nearest(key, trusted.keys());
  return (
    trusted.get(key) ??
    fail("CONFIG", {
      message: `${what} is called "${key.slice(0, 80)}", and no trusted key has that name`,
      next:
        guess === undefined
          ? `Put its public key into HOME/trust as ${key.slice(0, 80)}.pem.`
          : `Did you mean "${guess}"?`,
    })
  );
}

/** Did one of `names` sign `statement`? Identities never match by looking like a key id. */
export function signedByAny(statement: VerifiedStatement, names: readonly string[], signers: SignerKeys): boolean {
  const identities = statement.identities.filter((identity) => !isDigest(identity));
  return names.some((name) => {
    const known = signers.get(name);
    return known !== undefined && [...statement.signedBy, ...identities].some((id) => known.has(id));
  });
}

/** Who signed, for people: a signer's name where the policy knows one, else the key id's beginning or the identity. */
export function signedByText(statement: VerifiedStatement, signers: SignerKeys): string {
  const ids = [...statement.signedBy, ...statement.identities.filter((identity) => !isDigest(identity))];
  const texts = ids.map((id) => {
    const name = [...signers].find(([, known]) => known.has(id))?.[0];
    return name ?? (isDigest(id) ? `key ${shortDigest(id)}` : `"${id.slice(0, 80)}"`);
  });
  return texts.length === 0 ? "nobody" : [...new Set(texts)].join(", ");
}

/** Enough of a digest to recognise it by. */
export function shortDigest(digest: Digest): string {
  return `${digest.slice(0, 19)}…`;
}
