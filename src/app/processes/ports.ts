import { stat } from "node:fs/promises";
import { hostActor } from "../../identity/actor.ts";
import type { Clock } from "../../kit/clock.ts";
import { fileKillMirror } from "../../serve/kill-mirror.ts";
import { killVerifier } from "../../serve/kill-statement.ts";
import type {
  AdmissionGate,
  KillMirror,
  KillSource,
  KillVerifier,
  ServingSource,
  VersionBytes,
} from "../../serve/ports.ts";
import { provenKills } from "../admission/kills.ts";
import { logIndex } from "../admission/log-index.ts";
import { askGate, readPolicy } from "../flows/gate-version.ts";
import { type Home, type HomeOptions, openHome } from "../home/open.ts";
import { readTrustFolder } from "../home/trust.ts";
import { doubtAbout } from "./proven-alias.ts";

/** Everything the serving processes take from a home folder. */
export interface ServingPorts {
  readonly source: ServingSource;
  readonly gate: AdmissionGate;
  readonly killSource: KillSource;
  readonly killMirror: KillMirror;
  readonly killVerifier: KillVerifier;
  readonly versions: VersionBytes;
  readonly recordDir: string;
  readonly clock: Clock;
  close(): Promise<void>;
}

const snapshotAttempts = 5;

/** How long policy and trusted keys are taken for unchanged without looking. */
const rulesMs = 500;

/**
 * Opens the home folder at `root` for serving.
 * @throws what opening the home throws
 */
export async function openServingPorts(root: string, options: HomeOptions = {}): Promise<ServingPorts> {
  const home = await openHome(root, options);
  const { repository, layout, clock } = home;
  const log = logIndex(() => home.readLog());
  return {
    source: servingSource(home, log),
    gate: {
      async admit(tenant, _name, alias, version) {
        // Read anew for every question: questions are rare, and a policy or key withdrawn must count at once.
        const ready = readPolicy({ ...home, trusted: readTrustFolder(layout.trust) }, home.policy);
        return askGate(home, ready, { tenant, alias, version }, log);
      },
    },
    killSource: {
      title: "the store",
      stamp: async () => String(await repository.revision()),
      read: () => provenKills(home, log),
    },
    killMirror: fileKillMirror(layout.killEpoch),
    killVerifier: killVerifier(home.ownKeys),
    versions: versionBytes(home),
    recordDir: layout.record,
    clock,
    close: () => home.close(),
  };
}

/** What is promoted. Its revision also counts changes of the policy and of the trusted keys. */
function servingSource({ repository, ownKeys, layout, policy }: Home, log: ReturnType<typeof logIndex>): ServingSource {
  let rules: string | undefined;
  let lookedAt = Number.NEGATIVE_INFINITY;
  let stored: number | undefined;
  let revision = 0;
  return {
    async revision() {
      const now = await repository.revision();
      if (performance.now() - lookedAt >= rulesMs) {
        const stamp = `${await stampOf(policy)}/${await stampOf(layout.trust)}`;
        if (stamp !== rules) revision++;
        rules = stamp;
        lookedAt = performance.now();
      }
      if (now !== stored) revision++;
      stored = now;
      return revision;
    },
    async snapshot() {
      for (let attempt = 1; ; attempt++) {
        const before = await repository.revision();
        const rows = await repository.aliases();
        await log.refresh();
        const aliases = await Promise.all(
          rows.map(async (row) => ({ ...row, doubt: await doubtAbout(repository, ownKeys, log, row) })),
        );
        // Store and log are read one after the other; a doubt may only mean that a change fell between the two.
        const settled = aliases.every(({ doubt }) => doubt === undefined) || (await repository.revision()) === before;
        if (settled || attempt === snapshotAttempts) return aliases;
      }
    },
  };
}

function versionBytes({ registry }: Home): VersionBytes {
  const actor = hostActor("model server");
  return {
    async load(tenant, digest) {
      const open = await registry.open(tenant, digest, actor);
      const files = new Map<string, Uint8Array>();
      for (const { path } of open.files) files.set(path, await open.readFile(path));
      return files;
    },
  };
}

async function stampOf(path: string): Promise<string> {
  try {
    const { mtimeNs, size, ino } = await stat(path, { bigint: true });
    return `${ino}:${size}:${mtimeNs}`;
  } catch (error) {
    return String((error as NodeJS.ErrnoException).code);
  }
}
