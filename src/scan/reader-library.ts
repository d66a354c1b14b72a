import type { AssetKind } from "./asset-kinds.ts";
import type { Reader } from "./reader.ts";

/** The readers of a scan, their parsers loaded once. */
export interface ReaderLibrary {
  /** Those that read bytes. */
  readonly roots: readonly Reader[];
  refiners(kind: AssetKind): readonly Reader[];
  /** Readers whose files usually carry this extension. */
  named(extension: string): readonly Reader[];
  /**
   * Those of them that make a file with this extension a model file or an archive by name; none for extensions that other files
   * carry as well (".json").
   */
  expected(extension: string): readonly Reader[];
  /** What the reader's `load` promised. */
  parser(reader: Reader): Promise<unknown>;
  /** A kind, what it refines, and what refines it: a check on any of them judges the file. */
  relatives(kind: AssetKind): readonly AssetKind[];
}

/** Sorts `readers` by what they are asked for. */
export function readerLibrary(readers: readonly Reader[]): ReaderLibrary {
  const byBase = Map.groupBy(readers, ({ refines }) => refines);
  const byKind = new Map(readers.map((reader) => [reader.kind, reader]));
  const byExtension = new Map<string, Reader[]>();
  for (const reader of readers) {
    for (const extension of reader.extensions) {
      byExtension.set(extension, [...(byExtension.get(extension) ?? []), reader]);
    }
  }
  const parsers = new Map<Reader, Promise<unknown>>();
  return {
    roots: byBase.get(undefined) ?? [],
    refiners: (kind) => byBase.get(kind) ?? [],
    named: (extension) => byExtension.get(extension) ?? [],
    expected(extension) {
      const named = byExtension.get(extension) ?? [];
      return named.some(({ family }) => family === "other") ? [] : named;
    },
    parser(reader) {
      let parser = parsers.get(reader);
      if (!parser) {
        parser = reader.load?.() ?? Promise.resolve(undefined);
        parsers.set(reader, parser);
      }
      return parser;
    },
    relatives(kind) {
      const related = new Set<AssetKind>([kind]);
      for (
        let base = byKind.get(kind)?.refines;
        base !== undefined && !related.has(base);
        base = byKind.get(base)?.refines
      ) {
        related.add(base);
      }
      const upward = [kind];
      for (let at = upward.pop(); at !== undefined; at = upward.pop()) {
        for (const refiner of byBase.get(at) ?? []) {
          if (!related.has(refiner.kind)) upward.push(refiner.kind);
          related.add(refiner.kind);
        }
      }
      return [...related];
    },
  };
}
