import { bytesSource } from "../core/byte-source.ts";
import type { ByteSource } from "../core/byte-source.ts";
import { concat } from "../kit/bytes.ts";
import type { IncompleteEntry } from "../core/scan.ts";
import { gapOf } from "./gap.ts";
import type { Guard, Step } from "./guard.ts";
import type { Member } from "./reader.ts";
import { over } from "./spending.ts";
import type { Spending } from "./spending.ts";

/** Where large unpacked content is kept while it is examined. */
export interface Spool {
  /** A new, empty, private temporary file that disappears with the process. @throws IO, STORAGE_FULL */
  create(): SpoolFile;
}

export interface SpoolFile {
  write(bytes: Uint8Array): void;
  /** All that was written. */
  source(): ByteSource;
  /** Gives the space back; the source must not be read any more. */
  discard(): void;
}

/** A member's bytes, as far as they could be had. */
export interface OpenMember {
  readonly source: ByteSource;
  /** Why they are not all there. */
  readonly gap?: IncompleteEntry;
  close(): void;
}

/** Unpacked content up to this size stays in memory. */
const memoryLimit = 4 * 1024 * 1024;
/** A ratio says nothing about content smaller than this. */
const ratioFrom = 16 * 1024 * 1024;

/**
 * The bytes of a container's member. Stored ones are a slice and cost nothing; packed ones are unpacked piece by piece within the
 * scan's bounds. When that fails part of the way, what was unpacked until then is still there to be examined: some loaders
 * ignore the very error (a wrong checksum) that stops us.
 */
export async function openMember(
  member: Member,
  path: string,
  tools: { readonly guard: Guard; readonly spool: Spool; readonly spending: Spending },
): Promise<OpenMember> {
  const { content } = member;
  if (typeof content !== "function") return { source: content, close() {} };
  const step: Step = { what: "unpack", id: "", path };
  const refused = tools.guard.refused(step);
  if (refused) return { source: bytesSource(new Uint8Array()), gap: { path, why: refused }, close() {} };
  const sink = new Sink(tools.spool);
  try {
    const take = (piece: Uint8Array): void => {
      tools.spending.unpacked(piece.length);
      sink.add(piece);
      const { ratio } = tools.spending.limits;
      if (
        sink.size > ratioFrom &&
        member.packedSize !== undefined &&
        sink.size > ratio * Math.max(1, member.packedSize)
      ) {
        over("ratio", `it unpacks to more than ${ratio} times its stored size`);
      }
      tools.spending.time();
    };
    const pieces = tools.guard.run(step, () => {
      const pieces = content();
      if (Symbol.asyncIterator in pieces) return pieces;
      for (const piece of pieces) take(piece);
      return undefined;
    });
    if (pieces) for await (const piece of pieces) take(piece);
    return sink.open();
  } catch (error) {
    return { ...sink.open(), gap: gapOf(error, step) };
  }
}

/** Collects pieces in memory, and in a file from `memoryLimit` on. */
class Sink {
  size = 0;
  readonly #spool: Spool;
  #pieces: Uint8Array[] = [];
  #file: SpoolFile | undefined;

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  add(piece: Uint8Array): void {
    this.size += piece.length;
    if (!this.#file && this.size > memoryLimit) {
      this.#file = this.#spool.create();
      for (const kept of this.#pieces) this.#file.write(kept);
      this.#pieces = [];
    }
    // A copy: decompressors may reuse their buffer for the next piece.
    if (this.#file) this.#file.write(piece);
    else this.#pieces.push(piece.slice());
  }

  open(): OpenMember {
    const file = this.#file;
    if (file) return { source: file.source(), close: () => file.discard() };
    return { source: bytesSource(concat(...this.#pieces)), close() {} };
  }
}
