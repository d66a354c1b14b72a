import type { KeyObject } from "node:crypto";
import type { Trust } from "../../seal/model-signing/verify.ts";
import { fail, isCastellanError } from "../../kit/errors.ts";
import type { StatementRow, VersionRow } from "../../store/repository.ts";
import type { Home } from "../home/open.ts";

/**
 * Puts a model signature on record, verified against the stored bytes under any of the keys trusted here or the given roots.
 * @throws UNTRUSTED when nobody trusted here made it · INTEGRITY naming the file · MALFORMED
 */
export async function attachSignature(home: Home, version: VersionRow, bundle: Uint8Array): Promise<StatementRow> {
  const now = home.clock.now();
  const trusts: Trust[] = [home.signer.publicKey, ...home.trusted.map(({ publicKey }) => publicKey)]
    .filter(signsModels)
    .map((key) => ({ method: "key", key }));
  if (home.roots.length > 0) trusts.unshift({ method: "certificate", roots: home.roots, now });
  let refusal: unknown;
  for (const trust of trusts) {
    try {
      return await home.registry.attachSignature({ tenant: version.tenant, version: version.digest, bundle, trust });
    } catch (error) {
      // Another key may have made it; what the bytes or the bundle themselves are wrong in stays wrong.
      if (!isCastellanError(error, "UNTRUSTED", "SIGNATURE")) throw error;
      refusal = error;
    }
  }
  return fail("UNTRUSTED", {
    message: "No key trusted here made this signature",
    where: `${version.name}@${version.digest}`,
    next: "Trust the signer's public key first: castellan keys trust NAME FILE.",
    cause: refusal,
  });
}

/** The format's keys are NIST curves. */
const signsModels = (key: KeyObject): boolean => key.asymmetricKeyType === "ec";
