import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toBase64 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { formatCheckpoint, openCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { openNote, parseVkey } from "./note.ts";
import { memoryLog } from "./testing/memory-log.ts";

// A checkpoint a public log published with four public witnesses' cosignatures (arche2025h1 staging, May 2026).
const published = `arche2025h1.staging.ct.transparency.dev
1432088532
U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=

\u2014 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkptQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=
\u2014 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei59RA23oHP7Ry1k3ZFWwQ=
\u2014 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4AscylP3v7sEodkRAErumC2q44vdgJY096st5BQ==
\u2014 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmNWVuE0tgh0XwzdZsDsUAQ==
\u2014 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0DrAWfBw==
\u2014 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvKFYe/TmN9DAg==
`;
const publishedLog = "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
const publishedWitnesses = [
  "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
  "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
  "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
  "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
];
const root = toBase64(new Uint8Array(32));

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCastellanError(error) ? error.code : String(error);
  }
  return "none";
}

describe("published checkpoints", () => {
  test("open with the log's key, lines of other types ignored", () => {
    const checkpoint = openCheckpoint(published, publishedLog);
    expect(checkpoint.origin).toBe("arche2025h1.staging.ct.transparency.dev");
    expect(checkpoint.size).toBe(1_432_088_532);
    expect(toBase64(checkpoint.root)).toBe("U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=");
  });

  test("carry four public witnesses' cosignatures that verify, with their time", () => {
    const { verified } = openNote(published, publishedWitnesses.map(parseVkey));
    expect(verified).toHaveLength(4);
    expect(new Set(verified.map(({ timestamp }) => timestamp))).toEqual(new Set([0x6a122120]));
  });

  test("do not verify at another size", () => {
    const other = published.replace("1432088532", "1432088533");
    for (const key of [publishedLog, ...publishedWitnesses])
      expect(codeOf(() => openNote(other, [parseVkey(key)]))).toBe("SIGNATURE");
  });

  test("are not taken on the word of witnesses alone", () => {
    expect(codeOf(() => openCheckpoint(published, publishedWitnesses))).toBe("SIGNATURE");
  });
});

describe("checkpoints", () => {
  test("survive a round trip, extension lines included", () => {
    const checkpoint = {
      origin: "example.com/log",
      size: 7,
      root: new Uint8Array(32).fill(9),
      extensions: ["a", "b c"],
    };
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual({
      ...checkpoint,
      root: Buffer.from(checkpoint.root),
    });
  });

  test("of any size up to 2^53 - 1 survive a round trip", () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, hash) => {
        const again = parseCheckpoint(formatCheckpoint({ origin: "o", size, root: hash, extensions: [] }));
        expect(again.size).toBe(size);
        expect(Buffer.compare(again.root, hash)).toBe(0);
      }),
    );
  });

  test.each([
    ["two lines", `o\n1\n`],
    ["no newline at its end", `o\n1\n${root}`],
    ["an empty origin", `\n1\n${root}\n`],
    ["an empty extension line", `o\n1\n${root}\n\n`],
    ["a leading zero", `o\n01\n${root}\n`],
    ["a plus sign", `o\n+1\n${root}\n`],
    ["a minus sign", `o\n-1\n${root}\n`],
    ["a size beyond 2^53 - 1", `o\n9007199254740992\n${root}\n`],
    ["a size of many digits", `o\n${"9".repeat(400)}\n${root}\n`],
    ["a size in other digits", `o\n\u0661\n${root}\n`],
    ["a space behind the size", `o\n1 \n${root}\n`],
    ["a root of 31 bytes", `o\n1\n${toBase64(new Uint8Array(31))}\n`],
    ["a root without padding", `o\n1\n${root.slice(0, -1)}\n`],
    ["a root with stray bits", `o\n1\n${root.slice(0, -2)}B=\n`],
  ])("with %s are malformed", (_, text) => {
    expect(codeOf(() => parseCheckpoint(text))).toBe("MALFORMED");
  });

  test("are not written when a line would break in two", () => {
    const bad = { origin: "o\np", size: 1, root: new Uint8Array(32), extensions: [] };
    expect(codeOf(() => formatCheckpoint(bad))).toBe("MALFORMED");
    expect(codeOf(() => formatCheckpoint({ ...bad, origin: "o", size: 1.5 }))).toBe("MALFORMED");
    expect(codeOf(() => formatCheckpoint({ ...bad, origin: "o", extensions: ["a\nb"] }))).toBe("MALFORMED");
  });

  test("signed by another log's key are refused although that key is trusted", async () => {
    const mine = memoryLog("mine.example").append("a");
    const theirs = memoryLog("theirs.example", mine.signer).append("b");
    const note = await theirs.checkpoint();
    expect(codeOf(() => openCheckpoint(note, [mine.vkey]))).toBe("SIGNATURE");
    const relabelled = note.replace("\u2014 theirs.example", "\u2014 mine.example");
    expect(codeOf(() => openCheckpoint(relabelled, [mine.vkey]))).toBe("SIGNATURE");
    expect(openCheckpoint(note, [mine.vkey, theirs.vkey]).origin).toBe("theirs.example");
  });

  test("never crash the parser", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc
        .array(fc.oneof(fc.constantFrom("o", "0", "17", root, ""), fc.string()))
        .map((lines) => `${lines.join("\n")}\n`),
    );
    fc.assert(fc.property(text, (lines) => ["none", "MALFORMED"].includes(codeOf(() => parseCheckpoint(lines)))));
  });
});
