import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCastellanError } from "../../kit/errors.ts";
import { armor, dearmor } from "./armor.ts";
import { decryptBytes, decryptStream } from "./decrypt.ts";
import { encryptBytes, encryptStream } from "./encrypt.ts";
import { newFileKey, unwrapFileKey, wrapFileKey } from "./file-key.ts";
import { generateIdentity, recipientOf } from "./identity.ts";
import { decryptPayload, encryptPayload } from "./payload.ts";

const alice = generateIdentity();
const bob = generateIdentity();
const quantum = generateIdentity("hybrid");
const chunk = 65_536;

/** Repeatable bytes that are not periodic in the chunk length. */
function sample(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at++) bytes[at] = (at * 167 + (at >>> 8) * 31) & 255;
  return bytes;
}

/** Yields `bytes` in pieces of the given sizes, over and over, in one reused buffer that is wiped afterwards. */
async function* inPieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.alloc(Math.max(...sizes));
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const piece = bytes.subarray(at, at + (sizes[turn % sizes.length] ?? 1));
    buffer.set(piece);
    yield buffer.subarray(0, piece.length);
    buffer.fill(0xee);
    at += piece.length;
  }
}

async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/** True when two arrays hold the same bytes. */
function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "no error",
    (error: unknown) => (isCastellanError(error) ? error.code : `not ours: ${String(error)}`),
  );
}

describe("age encryption", () => {
  it.each([0, 1, chunk - 1, chunk, chunk + 1, 2 * chunk, 3 * chunk - 1, 3 * chunk, 3 * chunk + 1])(
    "gives back %i bytes, streamed and at once",
    async (length) => {
      const plain = sample(length);
      const streamed = await collect(encryptStream(inPieces(plain, [100_000]), [alice.recipient]));
      const whole = await encryptBytes(plain, [alice.recipient]);
      expect(streamed.length).toBe(whole.length);
      for (const file of [streamed, whole]) {
        expect(same(await decryptBytes(file, [alice.identity]), plain)).toBe(true);
        expect((await collect(decryptStream(inPieces(file, [70_000]), [alice.identity]))).equals(plain)).toBe(true);
      }
    },
  );

  it("does not depend on how the streams are cut, nor on arrays staying unchanged", async () => {
    const sizes = fc.array(
      fc.oneof(fc.integer({ min: 300, max: 2 * chunk }), fc.constant(chunk), fc.constant(chunk + 16)),
      {
        minLength: 1,
        maxLength: 4,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 3 * chunk }), sizes, sizes, async (length, cutIn, cutOut) => {
        const plain = sample(length);
        const file = await collect(encryptStream(inPieces(plain, cutIn), [alice.recipient]));
        const back = await collect(decryptStream(inPieces(file, cutOut), [alice.identity]));
        expect(back.equals(plain)).toBe(true);
      }),
      { numRuns: 30 },
    );
  });

  it("opens for every recipient and for nobody else", async () => {
    const file = await encryptBytes(sample(10), [alice.recipient, bob.recipient]);
    for (const { identity } of [alice, bob]) expect((await decryptBytes(file, [identity])).length).toBe(10);
    const eve = generateIdentity().identity;
    expect(await codeOf(decryptBytes(file, [eve, quantum.identity, { passphrase: "x" }]))).toBe("FORBIDDEN");
    expect(await codeOf(decryptBytes(file, []))).toBe("FORBIDDEN");
    expect((await decryptBytes(file, [eve, bob.identity])).length).toBe(10);
  });

  it("protects against quantum computers when the recipient says so, and then not half", async () => {
    const file = await encryptBytes(sample(10), [quantum.recipient]);
    expect(Buffer.from(file).toString("latin1")).toMatch(/^age-encryption.org\/v1\n-> mlkem768x25519 /);
    expect((await decryptBytes(file, [alice.identity, quantum.identity])).length).toBe(10);
    expect(await codeOf(encryptBytes(sample(1), [quantum.recipient, alice.recipient]))).toBe("USAGE");
  });

  it("refuses recipients and identities it cannot use, naming no secret", async () => {
    const bad = async (recipient: string) => codeOf(encryptBytes(sample(1), [recipient]));
    expect(await bad("age1")).toBe("MALFORMED");
    expect(await bad(alice.identity)).toBe("MALFORMED");
    expect(await bad("")).toBe("MALFORMED");
    // From the age specification: a recipient on a hardware key.
    expect(await bad("age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e")).toBe("UNSUPPORTED");
    expect(await codeOf(encryptBytes(sample(1), []))).toBe("USAGE");
    expect(await codeOf(encryptBytes(sample(1), [{ passphrase: "p", logN: 1 }, alice.recipient]))).toBe("USAGE");
    const file = await encryptBytes(sample(1), [alice.recipient]);
    for (const identity of [alice.identity.toLowerCase(), alice.recipient, `${alice.identity}Q`])
      expect(await codeOf(decryptBytes(file, [identity]))).toBe("MALFORMED");
    await expect(decryptBytes(file, [`${alice.identity}Q`])).rejects.not.toThrow(alice.identity.slice(20));
  });

  // Key pair from the age specification.
  it("derives the recipient of an identity", () => {
    expect(recipientOf("AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX")).toBe(
      "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    );
  });

  it("notices every flipped bit", async () => {
    const plain = sample(40);
    const file = Buffer.from(await encryptBytes(plain, [alice.recipient]));
    for (let bit = 0; bit < file.length * 8; bit++) {
      file[bit >>> 3]! ^= 1 << (bit & 7);
      const code = await codeOf(decryptBytes(file, [alice.identity]));
      expect(["MALFORMED", "FORBIDDEN", "INTEGRITY"]).toContain(code);
      file[bit >>> 3]! ^= 1 << (bit & 7);
    }
    expect(same(await decryptBytes(file, [alice.identity]), plain)).toBe(true);
  });

  it("notices every truncation, and everything it yielded before was genuine", async () => {
    const plain = sample(2 * chunk + 100);
    const file = await collect(encryptStream(inPieces(plain, [50_000]), [alice.recipient]));
    const start = file.length - plain.length - 3 * 16;
    const cuts = [0, 1, 21, 22, 30, start - 17, start - 16, start - 1, start, start + 1, start + 16];
    for (const n of [1, 2]) for (const d of [-1, 0, 1, 15, 16, 17]) cuts.push(start + n * (chunk + 16) + d);
    cuts.push(file.length - 1, file.length - 100);
    for (const cut of cuts) {
      let seen = 0;
      const reading = (async () => {
        for await (const part of decryptStream(inPieces(file.subarray(0, cut), [33_333]), [alice.identity])) {
          expect(plain.subarray(seen, seen + part.length).equals(part)).toBe(true);
          seen += part.length;
        }
      })();
      expect(await codeOf(reading), `cut at ${cut}`).toBe(cut < start ? "MALFORMED" : "INTEGRITY");
    }
  });

  it("notices chunks that were swapped, repeated, dropped or appended", async () => {
    const plain = sample(3 * chunk);
    const file = await encryptBytes(plain, [alice.recipient]);
    const start = file.length - plain.length - 3 * 16;
    const head = file.subarray(0, start);
    const [a, b, c] = [0, 1, 2].map((n) => file.subarray(start + n * (chunk + 16), start + (n + 1) * (chunk + 16)));
    for (const parts of [
      [b, a, c],
      [a, a, b, c],
      [a, c],
      [b, c],
      [a, b],
      [a, b, c, c],
      [a, b, c, Buffer.from("x")],
      [c],
    ]) {
      const forged = Buffer.concat([head, ...parts.map((part) => part!)]);
      expect(await codeOf(decryptBytes(forged, [alice.identity]))).toBe("INTEGRITY");
      expect(await codeOf(collect(decryptStream(inPieces(forged, [chunk]), [alice.identity])))).toBe("INTEGRITY");
    }
  });

  it("never crashes on arbitrary bytes", async () => {
    const text = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc
        .array(
          fc.constantFrom("age-encryption.org/v1\n", "-> X25519 ", "-> scrypt ", "--- ", "AAAA", "=", "\n", "\r", " "),
          { maxLength: 20 },
        )
        .map((parts) => Buffer.from(parts.join(""))),
    );
    await fc.assert(
      fc.asyncProperty(text, async (bytes) => {
        const identities = [alice.identity, { passphrase: "p" }];
        expect(["MALFORMED", "FORBIDDEN"]).toContain(await codeOf(decryptBytes(bytes, identities)));
        expect(["MALFORMED", "FORBIDDEN"]).toContain(
          await codeOf(collect(decryptStream(inPieces(bytes, [7]), identities))),
        );
        expect(await codeOf((async () => dearmor(bytes))())).toBe("MALFORMED");
      }),
      { numRuns: 300 },
    );
  });

  it("bounds the header it is willing to read", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from("age-encryption.org/v1\n");
      for (;;) yield Buffer.from(`-> x\n\n`.repeat(1000));
    }
    expect(await codeOf(collect(decryptStream(endless(), [alice.identity])))).toBe("MALFORMED");
  });

  it("lets the source release what it holds when the reader stops or the file is refused", async () => {
    let released = 0;
    async function* source(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
      try {
        yield* inPieces(bytes, [chunk]);
      } finally {
        released++;
      }
    }
    const file = await encryptBytes(sample(4 * chunk), [alice.recipient]);
    for await (const _ of decryptStream(source(file), [alice.identity])) break;
    for await (const _ of encryptStream(source(file), [alice.recipient])) break;
    expect(released).toBe(1);
    await codeOf(collect(decryptStream(source(file), [bob.identity])));
    expect(released).toBe(2);
    for await (const part of encryptPayload(source(file), newFileKey())) if (part.length > 16) break;
    expect(released).toBe(3);
  });
});

describe("a detached age header", () => {
  it("makes a whole file with the payload, and can be replaced without touching the payload", async () => {
    const plain = sample(chunk + 1);
    const fileKey = newFileKey();
    const payload = await collect(encryptPayload(inPieces(plain, [9999]), fileKey));
    const first = wrapFileKey(fileKey, [alice.recipient]);
    const second = wrapFileKey(unwrapFileKey(first, [alice.identity]), [bob.recipient]);
    for (const [header, { identity }] of [
      [first, alice],
      [second, bob],
    ] as const) {
      expect(same(await decryptBytes(Buffer.concat([header, payload]), [identity]), plain)).toBe(true);
      const back = await collect(decryptPayload(inPieces(payload, [10_000]), unwrapFileKey(header, [identity])));
      expect(back.equals(plain)).toBe(true);
    }
    expect(() => unwrapFileKey(second, [alice.identity])).toThrow(expect.objectContaining({ code: "FORBIDDEN" }));
  });

  it("does not open a payload with another file's key, nor a cut-off one", async () => {
    const fileKey = newFileKey();
    const payload = await collect(encryptPayload(inPieces(sample(100), [100]), fileKey));
    expect(await codeOf(collect(decryptPayload(inPieces(payload, [64]), newFileKey())))).toBe("INTEGRITY");
    for (let cut = 0; cut < payload.length; cut++)
      expect(await codeOf(collect(decryptPayload(inPieces(payload.subarray(0, cut), [64]), fileKey)))).toBe(
        "INTEGRITY",
      );
  });

  it("is refused with anything before or after it, or with a file key of another length", () => {
    const header = wrapFileKey(newFileKey(), [alice.recipient]);
    for (const wrong of [Buffer.concat([header, Buffer.from("\n")]), header.subarray(1), header.subarray(0, -1)])
      expect(() => unwrapFileKey(wrong, [alice.identity])).toThrow(expect.objectContaining({ code: "MALFORMED" }));
    expect(() => wrapFileKey(new Uint8Array(32), [alice.recipient])).toThrow(
      expect.objectContaining({ code: "USAGE" }),
    );
  });

  it("shows when its recipients were tampered with", () => {
    const header = Buffer.from(wrapFileKey(newFileKey(), [alice.recipient, bob.recipient])).toString("latin1");
    const stanzas = header.split(/(?=-> |--- )/);
    const forged = Buffer.from([stanzas[0], stanzas[1], stanzas[3]].join(""), "latin1");
    expect(() => unwrapFileKey(forged, [alice.identity])).toThrow(expect.objectContaining({ code: "INTEGRITY" }));
  });
});

describe("age armor", () => {
  it("gives back any bytes, with line feeds or carriage returns too", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const text = armor(bytes);
        expect(text.split("\n").every((line) => line.length <= 64)).toBe(true);
        expect(Buffer.from(dearmor(text)).equals(bytes)).toBe(true);
        expect(Buffer.from(dearmor(text.replaceAll("\n", "\r\n"))).equals(bytes)).toBe(true);
      }),
    );
  });
});
