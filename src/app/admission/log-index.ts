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
  /** Reads what was appended since the last call. @throws INTEGRITY when the log became shorter */
  refresh(): Promise<void>;
  /** Leaves about a topic, oldest first. */
  about(topic: string): readonly PlacedLeaf[];
  at(index: number): PlacedLeaf | undefined;
}

/** An index over the log that `readLog` opens; empty until {@link LogIndex.refresh}. */
export function logIndex(readLog: () => Promise<LogReader>): LogIndex {
  const leaves: PlacedLeaf[] = [];
  const topics = new Map<string, PlacedLeaf[]>();
  const refresh = async (): Promise<void> => {
    const reader = await readLog();
    if (reader.size < leaves.length) {
      fail("INTEGRITY", {
        message: `The log has ${reader.size} entries and had ${leaves.length}: it was cut or replaced`,
        next: "Stop serving, keep the folder as evidence, and compare with a witness or a backup (castellan ledger verify).",
      });
    }
    for await (const entry of reader.entries(leaves.length, reader.size)) {
      const leaf = { ...parseLeaf(entry), index: leaves.length };
      leaves.push(leaf);
      const known = topics.get(leaf.topic);
      if (known) known.push(leaf);
      else topics.set(leaf.topic, [leaf]);
    }
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
  };
}
