import { fail } from "../../kit/errors.ts";
import { jsonString } from "../../kit/json.ts";
import { choice, count, digest, identifier, jsonText, jsonValue, stored } from "../columns.ts";
import type { KillRow } from "../repository.ts";
import type { Db } from "../tables.ts";

const scopes = ["all", "tenant", "model"] as const;

/** @throws CONFLICT when the switch already saw this epoch or a later one */
export async function setKill(db: Db, row: KillRow): Promise<void> {
  const values = {
    scope: choice(row.scope, scopes, "scope"),
    target: identifier(row.target, "target"),
    killed: row.killed ? 1 : 0,
    epoch: count(row.epoch, "epoch"),
    why: jsonText(row.why, "why"),
    statement: digest(row.statement, "statement"),
  };
  const written = await db
    .insertInto("kills")
    .values(values)
    .onConflict((conflict) =>
      conflict.columns(["scope", "target"]).doUpdateSet(values).where("kills.epoch", "<", values.epoch),
    )
    .returning("epoch")
    .execute();
  if (written.length === 0)
    fail("CONFLICT", `The kill switch for ${row.scope} ${row.target} is past epoch ${row.epoch}`);
}

/** Ordered by scope and target. */
export async function kills(db: Db): Promise<readonly KillRow[]> {
  const rows = await db
    .selectFrom("kills")
    .select(["scope", "target", "killed", "epoch", "why", "statement"])
    .orderBy("scope")
    .orderBy("target")
    .execute();
  return rows.map((row) =>
    stored("kill switch", () => ({
      scope: choice(row.scope, scopes, "scope"),
      target: identifier(row.target, "target"),
      killed: count(row.killed, "killed") !== 0,
      epoch: count(row.epoch, "epoch"),
      why: jsonString(jsonValue(row.why, "why"), "why"),
      statement: digest(row.statement, "statement"),
    })),
  );
}
