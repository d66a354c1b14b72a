import { defaultTenant, type Ref } from "../core/asset.ts";
import type { Digest } from "../kit/digest.ts";
import { fail } from "../kit/errors.ts";
import type { Actor } from "../identity/actor.ts";
import type { AliasRow, StatementRow, VersionRow } from "../store/repository.ts";
import { attach, type Attachment, declare, type Declaration } from "./attach.ts";
import { backup, type BackupPlaces } from "./backup.ts";
import type { BackupManifest } from "./backup-format.ts";
import { contextOf, type RegistryOptions, type StoreKey } from "./context.ts";
import { erase, type Erasure } from "./erase.ts";
import { featureReads } from "./feature-read.ts";
import { type History, history } from "./history.ts";
import { type Imported, importPretrained, type PretrainedImport } from "./import-pretrained.ts";
import { type KillResult, kills, type KillSetting, setKill } from "./kill.ts";
import { type Lineage, lineage } from "./lineage.ts";
import { attachSignature, type SignatureAttachment } from "./model-signature.ts";
import { promote, type Promotion } from "./promote.ts";
import { checkout, type OpenOptions, type OpenVersion, openVersion, type OutgoingFile } from "./read.ts";
import { register, type Registration } from "./register.ts";
import { type DvcInput, registerDvc, type RegisteredDvc } from "./register-dvc.ts";
import { type Ended, type Ending, revoke } from "./revoke.ts";
import { type Rollback, rollback } from "./rollback.ts";
import { rotateStoreKey, type Rotation } from "./rotate.ts";
import { inSession } from "./session.ts";
import { sweep } from "./sweep.ts";
import { addTenant, ensureTenant } from "./tenants.ts";
import { trustedVersion } from "./trusted-version.ts";
import { type StoredReport, verifyStored } from "./verify-stored.ts";

/** The registry: what exists, what it was made from, what serves. Each method's promise and errors stand with its function. */
export interface Registry {
  addTenant(tenant: string): Promise<void>;
  tenants(): Promise<readonly string[]>;
  register(registration: Registration): Promise<VersionRow>;
  attach(attachment: Attachment): Promise<StatementRow>;
  declare(declaration: Declaration): Promise<StatementRow>;
  /** The version a reference means. @throws NOT_FOUND */
  resolve(ref: Ref): Promise<VersionRow>;
  version(tenant: string, digest: Digest): Promise<VersionRow>;
  open(tenant: string, digest: Digest, actor: Actor, options?: OpenOptions): Promise<OpenVersion>;
  checkout(tenant: string, digest: Digest, actor: Actor, options?: OpenOptions): AsyncIterable<OutgoingFile>;
  featureReads(tenant: string, digest: Digest): Promise<readonly StatementRow[]>;
  promote(promotion: Promotion): Promise<AliasRow>;
  rollback(which: Rollback): Promise<AliasRow>;
  revoke(ending: Ending): Promise<Ended>;
  erase(erasure: Erasure): Promise<Ended>;
  lineage(tenant: string, digest: Digest, limit?: number): Promise<Lineage>;
  history(tenant: string, name: string): Promise<History>;
  setKill(setting: KillSetting): Promise<KillResult>;
  kills(): Promise<readonly Omit<KillResult, "known">[]>;
  attachSignature(attachment: SignatureAttachment): Promise<StatementRow>;
  importPretrained(wanted: PretrainedImport): Promise<Imported>;
  registerDvc(input: DvcInput): Promise<RegisteredDvc>;
  rotateStoreKey(next: StoreKey): Promise<Rotation>;
  backup(places: BackupPlaces): Promise<BackupManifest>;
  verifyStored(): Promise<StoredReport>;
  sweep(age?: number): Promise<number>;
}

/**
 * Opens a registry over its store, blobs and log. Completes what a process that died left pending, and sees to it that the default
 * tenant exists: what concerns the registry as a whole is recorded there.
 * @throws BUSY when another process keeps the log's lock · INTEGRITY, SIGNATURE when log or store were changed · CONFLICT when the
 *   clock was set back
 */
export async function openRegistry(options: RegistryOptions): Promise<Registry> {
  const context = contextOf(options);
  if ((await context.repository.pendingStatements()).length > 0) await inSession(context, async () => undefined);
  await ensureTenant(context, defaultTenant);
  return {
    addTenant: (tenant) => addTenant(context, tenant),
    tenants: () => context.repository.tenants(),
    register: (registration) => register(context, registration),
    attach: (attachment) => attach(context, attachment),
    declare: (declaration) => declare(context, declaration),
    async resolve({ tenant, name, at }) {
      const digest = "digest" in at ? at.digest : (await context.repository.alias(tenant, name, at.alias))?.digest;
      const row = digest && (await trustedVersion(context, tenant, digest));
      if (row && row.name === name) return row;
      const what = "digest" in at ? `version ${at.digest}` : `alias "${at.alias}"`;
      return fail("NOT_FOUND", `"${name}" of tenant "${tenant}" has no ${what}`);
    },
    version: (tenant, digest) => trustedVersion(context, tenant, digest),
    open: (tenant, digest, actor, options) => openVersion(context, tenant, digest, actor, options),
    checkout: (tenant, digest, actor, options) => checkout(context, tenant, digest, actor, options),
    featureReads: (tenant, digest) => featureReads(context, tenant, digest),
    promote: (promotion) => promote(context, promotion),
    rollback: (which) => rollback(context, which),
    revoke: (ending) => revoke(context, ending),
    erase: (erasure) => erase(context, erasure),
    lineage: (tenant, digest, limit) => lineage(context, tenant, digest, limit),
    history: (tenant, name) => history(context, tenant, name),
    setKill: (setting) => setKill(context, setting),
    kills: () => kills(context),
    attachSignature: (attachment) => attachSignature(context, attachment),
    importPretrained: (wanted) => importPretrained(context, wanted),
    registerDvc: (input) => registerDvc(context, input),
    rotateStoreKey: (next) => rotateStoreKey(context, next),
    backup: (places) => backup(context, places),
    verifyStored: () => verifyStored(context),
    sweep: (age) => sweep(context, age),
  };
}
