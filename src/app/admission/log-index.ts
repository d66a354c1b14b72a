import { equalBytes } from "../../kit/bytes.ts";
import { fail } from "../../kit/errors.ts";
import type { LogReader } from "../../ledger/reader.ts";
import { type Leaf, parseLeaf } from "../../registry/leaf.ts";

/** A leaf and its place on the log. */
export interface PlacedLeaf extends Leaf {
  readonly index: number;
}

/**
 * What the log says, by topic: the independent witness to what the store says. Deleting or altering rows of the store
 * cannot take a leaf away.
 */
export interface LogIndex {
  /** Reads what was appended since the last call. @throws INTEGRITY when the log does not extend what it was then */
  refresh(): Promise<void>;
  /** Leaves about a topic, oldest first. */
  about(topic: string): readonly PlacedLeaf[];
  at(index: number): PlacedLeaf | undefined;
  /** The newest leaf of every topic that has leaves of this kind. */
  newest(kind: string): readonly PlacedLeaf[];
}

/** An index over the log that `readLog` opens; empty until {@link LogIndex.refresh}. */
export function logIndex(readLog: () => Promise<LogReader>): LogIndex {
  const leaves: PlacedLeaf[] = [];
  const topics = new Map<string, PlacedLeaf[]>();
  let seen: { readonly size: number; readonly root: Uint8Array } | undefined;
  const refresh = async (): Promise<void> => {
    const reader = await readLog();
    if (reader.size < leaves.length) {
      fail("INTEGRITY", {
        message: `The log has ${reader.size} entries and had ${leaves.length}: it was cut or replaced`,
        next: "Stop serving, keep the folder as evidence, and compare with a witness or a backup (castellan ledger verify).",
      });
    }
    const { size } = reader;
    if (seen && !equalBytes(seen.root, await reader.root(seen.size))) {
      fail("INTEGRITY", {
        message: `The log was forked: its first ${seen.size} entries are not those it had`,
        next: "Stop serving, keep the folder as evidence, and find out who else holds the log's key.",
      });
    }
    for await (const entry of reader.entries(leaves.length, size)) {
      const leaf = { ...parseLeaf(entry), index: leaves.length };
      leaves.push(leaf);
      const known = topics.get(leaf.topic);
      if (known) known.push(leaf);
      else topics.set(leaf.topic, [leaf]);
    }
    seen = { size, root: await reader.root(size) };
  };
  let last: Promise<void> = Promise.resolve();
  return {
    // One after the other: a caller that comes while a refresh runs may have newer entries in mind.
    refresh() {
      const mine = last.then(refresh, refresh);
      last = mine.catch(() => undefined);
      return mine;
    },
    about: (topic) => topics.get(topic) ?? [],
    at: (index) => leaves[index],
    newest: (kind) => Array.from(topics.values(), (about) => about.at(-1)!).filter((leaf) => leaf.kind === kind),
  };
}
