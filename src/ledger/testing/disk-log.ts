import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../kit/clock.ts";
import { utf8 } from "../../kit/bytes.ts";
import { vkeyOf } from "../note.ts";
import { type LogWriter, type LogWriterOptions, openLogWriter } from "../writer.ts";
import { signerFrom } from "./signers.ts";

const still: Clock = { now: () => Date.UTC(2026, 0, 1) };

/** A log in a fresh folder of the real disk, removed at the end of the scope that `using`s it. */
export interface DiskLog extends Disposable {
  readonly dir: string;
  readonly origin: string;
  readonly vkey: string;
  readonly options: LogWriterOptions;
  /** The log's key, PKCS#8 DER in base64, for other processes. */
  readonly key: string;
  open(more?: Partial<LogWriterOptions>): Promise<LogWriter>;
}

/** A log that does not exist yet. */
export function diskLog(): DiskLog {
  const dir = mkdtempSync(join(tmpdir(), "castellan-log-"));
  const { privateKey } = generateKeyPairSync("ed25519");
  const signer = signerFrom(privateKey);
  const origin = "example.com/test";
  const options = { dir, origin, signer, clock: still, lockTimeoutMs: 0 };
  return {
    dir,
    origin,
    options,
    key: privateKey.export({ type: "pkcs8", format: "der" }).toString("base64"),
    vkey: vkeyOf(origin, signer.publicKey),
    open: (more = {}) => openLogWriter({ ...options, ...more }),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** Distinct entries, number `from` and the `count - 1` after it. */
export function numbered(count: number, from = 0): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => utf8(`entry ${from + i} ${"x".repeat((from + i) % 50)}`));
}

/** Appends all of them at once and waits. */
export async function appendAll(writer: LogWriter, entries: readonly Uint8Array[]): Promise<readonly number[]> {
  return (await Promise.all(entries.map((entry) => writer.append(entry)))).map(({ index }) => index);
}

/** Everything a stream gives, as Buffers (so that they compare equal whatever they are views of). */
export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer[]> {
  const all: Buffer[] = [];
  for await (const one of stream) all.push(Buffer.from(one));
  return all;
}
