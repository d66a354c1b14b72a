import { type AssetKind, assetKinds } from "../core/asset.ts";
import type { Statement } from "../core/statement.ts";
import type { Json } from "../kit/canonical-json.ts";
import { asDigest, type Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import { type JsonObject, jsonArray, jsonObject, jsonString } from "../kit/json.ts";
import type { AliasHistoryRow, KillRow, Repository, VersionRow } from "../store/repository.ts";
import { parseManifest, versionDigest } from "./manifest.ts";
import { stateTypes } from "./predicates.ts";

/** What a statement changes in the store. */
export type Effect =
  | { readonly does: "nothing" }
  | { readonly does: "add-tenant"; readonly tenant: string; readonly createdAt: string }
  | { readonly does: "add-version"; readonly row: VersionRow }
  | { readonly does: "set-alias"; readonly row: AliasHistoryRow }
  | { readonly does: "set-kill"; readonly row: KillRow }
  | {
      readonly does: "end-version";
      readonly tenant: string;
      readonly version: Digest;
      readonly state: "revoked" | "erased";
      readonly statement: Digest;
      readonly affected: readonly Digest[];
      /** Aliases that lose the version: removed, or kept with their main version when only the canary goes. */
      readonly withdraws: readonly { readonly row: AliasHistoryRow; readonly removes: boolean }[];
    };

/**
 * What `statement`, stored under `digest`, changes: the one place that says so, for live operation, recovery and audit alike.
 * Says nothing about whether the statement is trusted: the caller has verified that the registry signed it.
 * @throws MALFORMED when a state-changing statement does not have its predicate's form
 */
export function effectOf(statement: Statement, digest: Digest): Effect {
  const { predicateType } = statement;
  switch (predicateType) {
    case stateTypes.tenant: {
      const from = fields(statement);
      return { does: "add-tenant", tenant: from.text("tenant"), createdAt: from.text("createdAt") };
    }
    case stateTypes.registration:
      return { does: "add-version", row: versionRow(fields(statement), digest) };
    case stateTypes.promotion:
      return { does: "set-alias", row: aliasRow(fields(statement), digest, "promote") };
    case stateTypes.rollback:
      return { does: "set-alias", row: aliasRow(fields(statement), digest, "rollback") };
    case stateTypes.revocation:
      return ending(fields(statement), digest, "revoked");
    case stateTypes.erasure:
      return ending(fields(statement), digest, "erased");
    case stateTypes.killSwitch:
      return { does: "set-kill", row: killRow(fields(statement), digest) };
    default:
      return { does: "nothing" };
  }
}

/** Writes an effect. Runs inside the transaction that marks its statement as logged. */
export async function applyEffect(tx: Repository, effect: Effect): Promise<void> {
  switch (effect.does) {
    case "nothing":
      return;
    case "add-tenant":
      // It came with the pending statement; only a restored or replayed one still lacks it.
      if ((await tx.tenants()).includes(effect.tenant)) return;
      return tx.addTenant(effect.tenant, effect.createdAt);
    case "add-version":
      return tx.addVersion(effect.row);
    case "set-alias":
      return tx.setAlias(effect.row);
    case "set-kill":
      return tx.setKill(effect.row);
    case "end-version": {
      await tx.endVersion(effect.tenant, effect.version, effect.state, effect.statement);
      if (effect.state === "erased") await tx.destroyKeys(effect.tenant, effect.version);
      for (const digest of effect.affected) await tx.flagVersion(effect.tenant, digest, effect.version);
      for (const { row, removes } of effect.withdraws) await (removes ? tx.removeAlias(row) : tx.setAlias(row));
    }
  }
}

function versionRow(from: Fields, statement: Digest): VersionRow {
  const manifest = parseManifest({ files: from.value("files") });
  const digest = from.digest("version");
  if (versionDigest(manifest) !== digest) fail("MALFORMED", "The registration's digest is not that of its files");
  return {
    tenant: from.text("tenant"),
    kind: from.oneOf("kind", assetKinds) as AssetKind,
    name: from.text("name"),
    digest,
    topic: from.text("topic"),
    manifest,
    inputs: jsonArray(from.value("inputs"), "inputs").map((item) => {
      const input = fieldsOf(jsonObject(item, "An input"));
      return { digest: input.digest("digest"), role: input.text("role") };
    }),
    licence: from.optionalText("licence"),
    origin: from.optionalText("origin"),
    consentBasis: from.optionalText("consentBasis"),
    region: from.optionalText("region"),
    retainUntil: from.optionalText("retainUntil"),
    facts: jsonObject(from.value("facts"), "facts"),
    registeredAt: from.text("registeredAt"),
    statement,
    state: "live",
    flaggedBy: from.optionalDigest("flaggedBy"),
  };
}

function aliasRow(from: Fields, statement: Digest, action: "promote" | "rollback"): AliasHistoryRow {
  return {
    tenant: from.text("tenant"),
    name: from.text("name"),
    alias: from.text("alias"),
    digest: from.digest("to"),
    canary: from.optionalDigest("canary"),
    canaryWeight: from.count("canaryWeight"),
    sequence: from.count("sequence"),
    statement,
    changedAt: from.text("at"),
    action,
  };
}

function ending(from: Fields, statement: Digest, state: "revoked" | "erased"): Effect {
  const [tenant, name, version] = [from.text("tenant"), from.text("name"), from.digest("version")];
  const withdraws = state === "revoked" ? [] : jsonArray(from.value("withdraws"), "withdraws");
  return {
    does: "end-version",
    tenant,
    version,
    state,
    statement,
    affected: jsonArray(from.value("affected"), "affected").map((item) => asDigest(jsonString(item, "affected"))),
    withdraws: withdraws.map((item) => {
      const withdrawal = fieldsOf(jsonObject(item, "A withdrawal"));
      const keeps = withdrawal.optionalDigest("keeps");
      const row: AliasHistoryRow = {
        tenant,
        name,
        alias: withdrawal.text("alias"),
        digest: keeps ?? version,
        canaryWeight: 0,
        sequence: withdrawal.count("sequence"),
        statement,
        changedAt: from.text("erasedAt"),
        action: "withdraw",
      };
      return { row, removes: keeps === undefined };
    }),
  };
}

function killRow(from: Fields, statement: Digest): KillRow {
  const killed = from.value("killed");
  if (typeof killed !== "boolean") fail("MALFORMED", "killed is neither true nor false");
  return {
    scope: from.oneOf("scope", ["all", "tenant", "model"]) as KillRow["scope"],
    target: from.text("target"),
    killed,
    epoch: from.count("epoch"),
    why: from.text("why"),
    statement,
  };
}

/** Typed access to the members of a predicate. */
interface Fields {
  value(key: string): Json | undefined;
  text(key: string): string;
  optionalText(key: string): string | undefined;
  digest(key: string): Digest;
  optionalDigest(key: string): Digest | undefined;
  count(key: string): number;
  oneOf(key: string, options: readonly string[]): string;
}

function fields(statement: Statement): Fields {
  return fieldsOf(jsonObject(statement.predicate, `The predicate of ${statement.predicateType}`));
}

function fieldsOf(object: JsonObject): Fields {
  const value = (key: string) => (Object.hasOwn(object, key) ? object[key] : undefined);
  const text = (key: string) => jsonString(value(key), key);
  return {
    value,
    text,
    optionalText: (key) => (value(key) === undefined ? undefined : text(key)),
    digest: (key) => asDigest(text(key), key),
    optionalDigest: (key) => (value(key) === undefined ? undefined : asDigest(text(key), key)),
    count(key) {
      const found = value(key);
      return typeof found === "number" && Number.isSafeInteger(found) && found >= 0
        ? found
        : fail("MALFORMED", `${key} is not a count`);
    },
    oneOf: (key, options) =>
      options.find((option) => option === value(key)) ?? fail("MALFORMED", `${key} is none of ${options.join(", ")}`),
  };
}
