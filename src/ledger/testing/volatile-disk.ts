import { fail } from "../../kit/errors.ts";
import type { AppendFile, LogFiles } from "../files.ts";

/** Thrown by every call once the machine is off. */
export class PowerCut extends Error {}

interface StoredFile {
  /** As seen by the running system. */
  bytes: Buffer;
  /** As it stands on the platter. */
  durable: Buffer;
}

const sector = 512;

/**
 * A disk in memory that does exactly what {@link LogFiles} promises and nothing more. It can lose its power at any call:
 * then whatever was not yet promised to be durable survives by chance, sector by sector, name by name.
 */
export class VolatileDisk {
  readonly #files = new Map<string, StoredFile>();
  readonly #random: () => number;
  #callsLeft = Number.POSITIVE_INFINITY;
  #off = false;
  /** Bytes that fit; writes beyond it are refused with STORAGE_FULL. */
  capacity = Number.POSITIVE_INFINITY;

  /** @param random gives numbers in [0, 1) and decides what survives */
  constructor(random: () => number) {
    this.#random = random;
  }

  /** The power fails in the middle of the call after the next `calls` ones. */
  cutAfter(calls: number): void {
    this.#callsLeft = calls;
  }

  get off(): boolean {
    return this.#off;
  }

  /** Power is back: the files are what survived. */
  restart(): void {
    this.#off = false;
    this.#callsLeft = Number.POSITIVE_INFINITY;
  }

  /** The stored bytes of `path`, to look at or to spoil. */
  peek(path: string): Buffer | undefined {
    return this.#files.get(path)?.bytes;
  }

  poke(path: string, bytes: Uint8Array | undefined): void {
    if (bytes) this.#files.set(path, { bytes: Buffer.from(bytes), durable: Buffer.from(bytes) });
    else this.#files.delete(path);
  }

  paths(): string[] {
    return [...this.#files.keys()].sort();
  }

  /** The log's view of this disk; of one process, that is: it stays dead once the power failed. */
  mount(): LogFiles {
    let dead = false;
    /** Counts a call; when it is the last, `half` happens and the power is gone. */
    const call = (half: () => void) => {
      if (dead || this.#off) {
        dead = true;
        throw new PowerCut();
      }
      this.#callsLeft -= 1;
      if (this.#callsLeft >= 0) return;
      half();
      this.#lose();
      dead = true;
      throw new PowerCut();
    };
    const chance = () => this.#random() < 0.5;
    return {
      read: async (path, limit) => {
        call(() => undefined);
        const file = this.#files.get(path);
        if (file && file.bytes.length > limit) fail("INTEGRITY", { message: "the file is too long", where: path });
        return file && Buffer.from(file.bytes);
      },
      list: async (folder) => {
        call(() => undefined);
        const below = this.paths().filter((path) => path.startsWith(`${folder}/`));
        return [...new Set(below.map((path) => path.slice(folder.length + 1).split("/")[0]!))];
      },
      replace: async (files) => {
        const store = (path: string, bytes: Uint8Array) =>
          this.#files.set(path, { bytes: Buffer.from(bytes), durable: Buffer.from(bytes) });
        call(() => {
          for (const [path, bytes] of files) if (chance()) store(path, bytes);
        });
        this.#space(
          [...files.values()].reduce((sum, { length }) => sum + length, 0),
          () => {
            for (const [path, bytes] of files) if (chance()) store(path, bytes);
          },
        );
        for (const [path, bytes] of files) store(path, bytes);
      },
      remove: async (paths) => {
        const drop = (path: string) => {
          for (const one of this.paths()) if (one === path || one.startsWith(`${path}/`)) this.#files.delete(one);
        };
        call(() => paths.filter(chance).forEach(drop));
        paths.forEach(drop);
      },
      create: async (path) => {
        const make = () => this.#files.set(path, { bytes: Buffer.alloc(0), durable: Buffer.alloc(0) });
        if (this.#files.has(path)) fail("IO", { message: "the file exists", where: path });
        call(() => (chance() ? make() : undefined));
        this.#space(0, () => undefined);
        make();
        return this.#append(path, call);
      },
    };
  }

  #append(path: string, call: (half: () => void) => void): AppendFile {
    const file = this.#files.get(path)!;
    const write = (bytes: Uint8Array, at: number) => {
      const grown = Buffer.alloc(Math.max(file.bytes.length, at + bytes.length));
      file.bytes.copy(grown);
      grown.set(bytes, at);
      file.bytes = grown;
    };
    return {
      write: async (bytes, at) => {
        call(() => write(bytes.subarray(0, Math.floor(this.#random() * (bytes.length + 1))), at));
        this.#space(bytes.length, () => write(bytes.subarray(0, Math.floor(this.#random() * bytes.length)), at));
        write(bytes, at);
      },
      sync: async () => {
        call(() => undefined);
        file.durable = Buffer.from(file.bytes);
      },
      truncate: async (length) => {
        call(() => undefined);
        file.bytes = file.bytes.subarray(0, length);
        file.durable = file.durable.subarray(0, length);
      },
      close: async () => call(() => undefined),
    };
  }

  #space(more: number, half: () => void): void {
    const used = [...this.#files.values()].reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (used + more <= this.capacity) return;
    half();
    fail("STORAGE_FULL", "the disk is full");
  }

  /** What was not synced survives by chance: a length in between, and of the new bytes some sectors. */
  #lose(): void {
    this.#off = true;
    for (const file of this.#files.values()) {
      const { bytes, durable } = file;
      const length =
        durable.length + Math.floor(this.#random() * (Math.max(bytes.length, durable.length) - durable.length + 1));
      const left = Buffer.alloc(length);
      durable.copy(left);
      for (let at = 0; at < length; at += sector)
        if (this.#random() < 0.5) bytes.copy(left, at, at, Math.min(at + sector, length));
      file.bytes = left;
      file.durable = Buffer.from(left);
    }
  }
}
