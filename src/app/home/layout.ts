import { join } from "node:path";

/** Where everything of a home folder lies. One place that says so. */
export interface HomeLayout {
  readonly root: string;
  readonly store: string;
  readonly blobs: string;
  readonly log: string;
  /** Private keys, 0600. */
  readonly keys: string;
  /** Public keys we trust, `<name>.pem`. */
  readonly trust: string;
  /** The policy the gate uses. */
  readonly policy: string;
  /** Who appended to the log first, and the key its checkpoints are signed with. */
  readonly logKey: string;
  readonly logVkey: string;
  readonly storeKey: string;
  /** Store keys from before rotations, one identity per line. */
  readonly olderStoreKeys: string;
  /** The store key a rotation is under way to. */
  readonly nextStoreKey: string;
  readonly killEpoch: string;
  readonly record: string;
  readonly run: string;
}

/** The layout of the home folder at `root`. */
export function homeLayout(root: string): HomeLayout {
  const keys = join(root, "keys");
  return {
    root,
    store: join(root, "store.db"),
    blobs: join(root, "blobs"),
    log: join(root, "log"),
    keys,
    trust: join(root, "trust"),
    policy: join(root, "policy.yaml"),
    logKey: join(keys, "log.pem"),
    logVkey: join(keys, "log.vkey"),
    storeKey: join(keys, "store.age"),
    olderStoreKeys: join(keys, "store.older.age"),
    nextStoreKey: join(keys, "store.next.age"),
    killEpoch: join(root, "kill-epoch.json"),
    record: join(root, "record"),
    run: join(root, "run"),
  };
}
