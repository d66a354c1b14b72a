// Two toy formats for tests of the engine: TOY (a text whose lines tell the toy checks what to do) and BOX (a container).
import { bytesSource } from "../../../core/byte-source.ts";
import { fail } from "../../../kit/errors.ts";
import { reader, refiner } from "../../../scan/reader.ts";
import type { Member } from "../../../scan/reader.ts";

declare module "../../../scan/asset-kinds.ts" {
  interface AssetStructures {
    toy: { readonly lines: readonly string[] };
    "toy-song": { readonly verses: number };
    box: { readonly members: readonly BoxMember[] };
    "unjudged-toy": null;
    "hidden-toy": null;
  }
}

/** A member of a BOX: its text, or the number of zero bytes it unpacks to. */
export interface BoxMember {
  readonly name: string;
  readonly text?: string;
  /** Base64 of its bytes. */
  readonly bytes?: string;
  readonly zeros?: number;
  /** Fails after its bytes with this message. */
  readonly broken?: string;
  readonly data?: string;
}

/** Bytes of a BOX. */
export function box(...members: readonly BoxMember[]): Uint8Array {
  return new TextEncoder().encode(`BOX${JSON.stringify(members)}`);
}

/** A box in a box, as a member. */
export function boxed(name: string, bytes: Uint8Array): BoxMember {
  return { name, bytes: Buffer.from(bytes).toString("base64") };
}

const starts = (head: Uint8Array, text: string): boolean => Buffer.from(head).toString("latin1").startsWith(text);
const textIn = (bytes: Uint8Array): string => Buffer.from(bytes).toString("utf8");

const toy = reader({
  kind: "toy",
  title: "toy",
  family: "model",
  extensions: [".toy"],
  comments: ["#"],
  recognise: ({ head }) => (starts(head, "TOY") ? "certain" : "no"),
  read({ source }, budget) {
    const lines = textIn(source.read(0, source.size)).split("\n");
    if (lines.includes("read: hang")) for (;;);
    if (lines.includes("read: tick forever")) for (;;) budget.tick();
    if (lines.includes("read: throw")) (undefined as unknown as () => void)();
    if (lines.includes("read: malformed")) fail("MALFORMED", "toys have no such line");
    if (lines.includes("read: hold")) budget.hold(1e12);
    const gap = lines.indexOf("read: gap");
    return { structure: { lines }, incomplete: gap < 0 ? [] : [{ why: "this line is a riddle", offset: gap }] };
  },
});

const song = refiner({
  kind: "toy-song",
  refines: "toy",
  title: "toy song",
  family: "model",
  extensions: [".toy", ".song"],
  recognise: ({ base }) => (base.lines.includes("song") ? "certain" : "no"),
  read: ({ base }) => ({ structure: { verses: base.lines.length }, incomplete: [] }),
});

const boxes = reader({
  kind: "box",
  title: "box",
  family: "container",
  extensions: [".box"],
  recognise: ({ head }) => (starts(head, "BOX") ? "certain" : "no"),
  read: ({ source }) => ({
    structure: { members: JSON.parse(textIn(source.read(3, source.size))) as BoxMember[] },
    incomplete: [],
  }),
  *members({ members }): Generator<Member> {
    for (const { name, text = "", bytes, zeros, broken, data } of members) {
      const content = bytes === undefined ? new TextEncoder().encode(text) : Buffer.from(bytes, "base64");
      const base = { name, packedSize: 10, ...(data === undefined ? {} : { data }) };
      if (zeros === undefined && broken === undefined) yield { ...base, content: bytesSource(content) };
      else {
        yield {
          ...base,
          *content() {
            yield content;
            const piece = new Uint8Array(65_536);
            for (let left = zeros ?? 0; left > 0; left -= piece.length) yield piece.subarray(0, Math.min(left, 65_536));
            if (broken !== undefined) fail("INTEGRITY", broken);
          },
        };
      }
    }
  },
});

const unjudged = reader({
  kind: "unjudged-toy",
  title: "toy nobody checks",
  family: "model",
  extensions: [".unjudged"],
  recognise: ({ head }) => (starts(head, "UNJUDGED") ? "certain" : "no"),
  read: () => ({ structure: null, incomplete: [] }),
});

const hidden = reader({
  kind: "hidden-toy",
  title: "toy in disguise",
  family: "other",
  extensions: [],
  recognise: ({ tail }) => (Buffer.from(tail).toString("latin1").endsWith("also BOX") ? "likely" : "no"),
  read: () => ({ structure: null, incomplete: [] }),
});

export const readers = [hidden, toy, song, boxes, unjudged];
