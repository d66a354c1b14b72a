import { AsyncLocalStorage } from "node:async_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import type { Digest } from "../kit/digest.ts";
import { fail, isCastellanError } from "../kit/errors.ts";
import type { Engine } from "./engine.ts";
import * as aliases from "./queries/aliases.ts";
import * as facts from "./queries/facts.ts";
import * as kills from "./queries/kills.ts";
import * as objects from "./queries/objects.ts";
import { bumpRevision, revision } from "./queries/revision.ts";
import * as statements from "./queries/statements.ts";
import * as tenants from "./queries/tenants.ts";
import * as versions from "./queries/versions.ts";
import type {
  AliasHistoryRow,
  AliasRow,
  KillRow,
  ObjectRow,
  Repository,
  StatementRow,
  VersionRow,
} from "./repository.ts";
import type { Db } from "./tables.ts";
import { Unit } from "./unit.ts";

const maxAttempts = 10;

/** The transaction an asynchronous call chain is in, if any. */
type Context = AsyncLocalStorage<Unit>;

/** The repository over any {@link Engine}: transactions, and one line per query. */
export class RelationalRepository implements Repository {
  readonly #engine: Engine;
  readonly #context: Context;
  /** Set on the repository a transaction hands to its work. */
  readonly #bound: Unit | undefined;
  #closed = false;

  constructor(engine: Engine, context: Context = new AsyncLocalStorage(), bound?: Unit) {
    this.#engine = engine;
    this.#context = context;
    this.#bound = bound;
  }

  async transaction<T>(work: (tx: Repository) => Promise<T>): Promise<T> {
    const outer = this.#unit();
    if (outer) return this.#join(outer, work);
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#attempt(work);
      } catch (error) {
        if (!isCastellanError(error) || !this.#engine.worthRetrying(error) || attempt === maxAttempts) throw error;
        await sleep(Math.random() * 2 ** attempt);
      }
    }
  }

  async #join<T>(unit: Unit, work: (tx: Repository) => Promise<T>): Promise<T> {
    if (unit.over) fail("INTERNAL", "A transaction was used after it had ended");
    try {
      return await work(new RelationalRepository(this.#engine, this.#context, unit));
    } catch (error) {
      unit.doom(error);
      throw error;
    }
  }

  async #attempt<T>(work: (tx: Repository) => Promise<T>): Promise<T> {
    this.#refuseClosed();
    let unit: Unit | undefined;
    let result: T;
    try {
      result = await this.#engine.transaction(async (db) => {
        const mine = new Unit(db);
        unit = mine;
        const bound = new RelationalRepository(this.#engine, this.#context, mine);
        try {
          const value = await this.#context.run(mine, () => work(bound));
          await mine.finish();
          if (mine.changed) await bumpRevision(db, this.#engine.format);
          return value;
        } finally {
          await mine.abandon();
        }
      });
    } catch (error) {
      // What the database wants repeated is repeated, even when `work` made another error of it.
      const reason = unit?.doomedBy;
      const repeat = isCastellanError(reason) && this.#engine.worthRetrying(reason);
      throw this.#engine.translate(repeat ? reason : error, "committing");
    }
    await this.#engine.committed?.({ changed: unit?.changed ?? false, destroyedKeys: unit?.destroyedKeys ?? false });
    return result;
  }

  /** The transaction this call belongs to: the one it was handed, or the one it was made from within. */
  #unit(): Unit | undefined {
    if (this.#bound) return this.#bound;
    const around = this.#context.getStore();
    return around?.over === false ? around : undefined;
  }

  async #read<T>(doing: string, query: (db: Db) => Promise<T>): Promise<T> {
    const unit = this.#unit();
    if (!unit) this.#refuseClosed();
    const run = async (db: Db) => {
      try {
        return await query(db);
      } catch (error) {
        throw this.#engine.translate(error, doing);
      }
    };
    return unit ? unit.run(run) : run(this.#engine.db);
  }

  async #write<T>(doing: string, query: (db: Db, unit: Unit) => Promise<T>, counts = true): Promise<T> {
    if (this.#engine.readOnly) fail("FORBIDDEN", `The store was opened for reading only (${doing})`);
    const unit = this.#unit();
    if (!unit) return this.transaction((tx) => (tx as RelationalRepository).#write(doing, query, counts));
    return unit.run(async (db) => {
      try {
        const result = await query(db, unit);
        if (counts) unit.changed = true;
        return result;
      } catch (error) {
        throw this.#engine.translate(error, doing);
      }
    });
  }

  async *#pages<T>(
    doing: string,
    page: (db: Db, after: number) => Promise<{ rows: readonly T[]; last: number }>,
  ): AsyncGenerator<T> {
    for (let after = 0; ; ) {
      const { rows, last } = await this.#read(doing, (db) => page(db, after));
      if (rows.length === 0) return;
      yield* rows;
      after = last;
    }
  }

  #refuseClosed(): void {
    if (this.#closed) fail("INTERNAL", "The store was used after it had been closed");
  }

  addTenant(tenant: string, createdAt: string): Promise<void> {
    return this.#write(`adding tenant "${tenant}"`, (db) => tenants.addTenant(db, tenant, createdAt));
  }
  tenants(): Promise<readonly string[]> {
    return this.#read("listing tenants", tenants.tenants);
  }

  addVersion(row: VersionRow): Promise<void> {
    return this.#write(`adding version ${row.digest}`, (db) => versions.addVersion(db, row));
  }
  version(tenant: string, digest: Digest): Promise<VersionRow | undefined> {
    return this.#read("reading a version", (db) => versions.version(db, tenant, digest));
  }
  versionsNamed(tenant: string, name: string): Promise<readonly VersionRow[]> {
    return this.#read("listing versions", (db) => versions.versionsNamed(db, tenant, name));
  }
  versions(tenant?: string): Promise<readonly VersionRow[]> {
    return this.#read("listing versions", (db) => versions.versions(db, tenant));
  }
  derivedFrom(tenant: string, digest: Digest): Promise<readonly VersionRow[]> {
    return this.#read("listing descendants", (db) => versions.derivedFrom(db, tenant, digest));
  }
  endVersion(tenant: string, digest: Digest, state: "revoked" | "erased", statement: Digest): Promise<void> {
    return this.#write(`ending version ${digest}`, (db) => versions.endVersion(db, tenant, digest, state, statement));
  }
  flagVersion(tenant: string, digest: Digest, because: Digest): Promise<void> {
    return this.#write(`flagging version ${digest}`, (db) => versions.flagVersion(db, tenant, digest, because));
  }

  addObjects(rows: readonly ObjectRow[]): Promise<void> {
    return this.#write("adding objects", (db) => objects.addObjects(db, rows));
  }
  objects(tenant: string, version: Digest): Promise<readonly ObjectRow[]> {
    return this.#read("listing objects", (db) => objects.objects(db, tenant, version));
  }
  allObjects(): AsyncIterable<ObjectRow> {
    return this.#pages("listing objects", objects.objectPage);
  }
  rewrapObject(tenant: string, version: Digest, path: string, header: Uint8Array, wrappedFor: string): Promise<void> {
    return this.#write(`wrapping the key of "${path}" anew`, (db) =>
      objects.rewrapObject(db, tenant, version, path, header, wrappedFor),
    );
  }
  destroyKeys(tenant: string, version: Digest): Promise<number> {
    return this.#write(`destroying the keys of ${version}`, async (db, unit) => {
      const destroyed = await objects.destroyKeys(db, tenant, version);
      if (destroyed > 0) unit.destroyedKeys = true;
      return destroyed;
    });
  }

  addStatement(row: StatementRow): Promise<void> {
    return this.#write(`adding statement ${row.digest}`, (db) => statements.addStatement(db, row));
  }
  statement(digest: Digest): Promise<StatementRow | undefined> {
    return this.#read("reading a statement", (db) => statements.statement(db, digest));
  }
  statementsAbout(tenant: string, subject: Digest): Promise<readonly StatementRow[]> {
    return this.#read("listing statements", (db) => statements.statementsAbout(db, tenant, subject));
  }
  statements(tenant?: string): AsyncIterable<StatementRow> {
    return this.#pages("listing statements", (db, after) => statements.statementPage(db, after, tenant));
  }
  pendingStatements(): Promise<readonly StatementRow[]> {
    return this.#read("listing pending statements", statements.pendingStatements);
  }
  markLogged(digest: Digest, logIndex: number): Promise<void> {
    return this.#write(`marking statement ${digest} as logged`, (db) => statements.markLogged(db, digest, logIndex));
  }

  setAlias(row: AliasHistoryRow): Promise<void> {
    return this.#write(`setting ${row.name}:${row.alias}`, (db) => aliases.setAlias(db, row));
  }
  removeAlias(row: AliasHistoryRow): Promise<void> {
    return this.#write(`removing ${row.name}:${row.alias}`, (db) => aliases.removeAlias(db, row));
  }
  alias(tenant: string, name: string, alias: string): Promise<AliasRow | undefined> {
    return this.#read("reading an alias", (db) => aliases.alias(db, tenant, name, alias));
  }
  aliases(tenant?: string): Promise<readonly AliasRow[]> {
    return this.#read("listing aliases", (db) => aliases.aliases(db, tenant));
  }
  aliasHistory(tenant: string, name: string): Promise<readonly AliasHistoryRow[]> {
    return this.#read("reading the history of aliases", (db) => aliases.aliasHistory(db, tenant, name));
  }

  setKill(row: KillRow): Promise<void> {
    return this.#write("setting the kill switch", (db) => kills.setKill(db, row));
  }
  kills(): Promise<readonly KillRow[]> {
    return this.#read("reading the kill switch", kills.kills);
  }

  fact(key: string): Promise<string | undefined> {
    return this.#read("reading a fact", (db) => facts.fact(db, key));
  }
  setFact(key: string, value: string): Promise<void> {
    return this.#write(`setting fact "${key}"`, (db) => facts.setFact(db, key, value), false);
  }

  async revision(): Promise<number> {
    if (this.#unit()) return this.#read("reading the revision", revision);
    this.#refuseClosed();
    try {
      return await this.#engine.revision();
    } catch (error) {
      throw this.#engine.translate(error, "reading the revision");
    }
  }

  async close(): Promise<void> {
    if (this.#bound) fail("INTERNAL", "A transaction cannot close the store");
    if (this.#closed) return;
    this.#closed = true;
    await this.#engine.close();
  }
}
