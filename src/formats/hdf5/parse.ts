import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import type { Leftover } from "../container/anomaly.ts";
import { leftoverAt, uncovered } from "../container/coverage.ts";
import type { Flaw } from "../reading/flaw.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import { readAttribute } from "./attribute.ts";
import { readBtree2 } from "./btree-v2.ts";
import { examineDataset } from "./dataset.ts";
import { Hdf5Fields, nowhere } from "./fields.ts";
import { openFractalHeap } from "./fractal-heap.ts";
import { drain, linksOf } from "./group.ts";
import type { Message } from "./object-header.ts";
import { readObjectHeader } from "./object-header.ts";
import { findSuperblock, readSuperblock } from "./superblock.ts";

/** A text among the attributes, such as a model's configuration. */
export interface AttributeText {
  /** "/layers/dense@config". */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** What an HDF5 file holds, its numbers left out. */
export interface Hdf5File {
  readonly objects: number;
  readonly attributes: readonly string[];
  /** Texts of attributes that may be configurations: long ones, and those that begin like JSON. */
  readonly texts: readonly AttributeText[];
  readonly flaws: readonly Flaw[];
  /** Bytes that belong to no structure, when that is known. */
  readonly leftovers: readonly Leftover[];
  readonly gaps: readonly Gap[];
}

const mostObjects = 200_000;
const knownMessages = new Set([
  0, 1, 2, 3, 4, 5, 6, 7, 8, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x11, 0x12, 0x13, 0x15, 0x16, 0x17, 0x18,
]);

/**
 * Reads an HDF5 file's structure: groups, links, attributes, and where datasets keep their values. Values are not read.
 * Source: HDF5 File Format Specification version 3.0.
 * @throws MALFORMED without a superblock; UNSUPPORTED for other versions
 */
export function parseHdf5(source: ByteSource, meter: Meter): Hdf5File {
  const at = findSuperblock(source);
  if (at === undefined) return fail("MALFORMED", "Not an HDF5 file: the signature is missing");
  const file = new Hdf5Fields(source, meter);
  const walk = new Hdf5Walk(file);
  const { root, end, extension } = readSuperblock(file, at);
  if (extension !== nowhere)
    file.attempt("the superblock's extension", extension, () => void readObjectHeader(file, extension));
  walk.from(root);
  if (end > source.size) {
    file.flaw("cut", "medium", `the file should have ${end} bytes and has ${source.size}`, at);
    file.gap(`the file is cut off: ${end - source.size} bytes are missing`);
  }
  return {
    objects: walk.objects,
    attributes: walk.attributes,
    texts: walk.texts,
    flaws: file.flaws,
    leftovers: leftoversOf(file, at, end),
    gaps: file.gaps,
  };
}

class Hdf5Walk {
  objects = 0;
  readonly attributes: string[] = [];
  readonly texts: AttributeText[] = [];
  private readonly file: Hdf5Fields;
  private readonly open: { address: number; path: string }[] = [];

  constructor(file: Hdf5Fields) {
    this.file = file;
  }

  from(root: number): void {
    const { file } = this;
    if (root === nowhere) return file.gap("the file has no root group");
    this.open.push({ address: root, path: "" });
    for (let next = this.open.pop(); next; next = this.open.pop()) {
      const { address, path } = next;
      file.meter.tick();
      if (!file.first("object", address)) continue;
      if (++this.objects > mostObjects) return file.gap(`the file has more than ${mostObjects} objects`);
      file.attempt(`object ${path || "/"}`, address, () => this.object(address, path));
    }
  }

  private object(address: number, path: string): void {
    const { file } = this;
    const messages = readObjectHeader(file, address);
    for (const message of messages) {
      if (!knownMessages.has(message.type))
        file.gap(`object ${path || "/"} has a message of the unknown type ${message.type}`, message.at);
      if (message.type === 0x0c)
        file.attempt(`an attribute of ${path || "/"}`, message.at, () => this.attributeMessage(message, path));
      if (message.type === 0x15)
        file.attempt(`the attributes of ${path || "/"}`, message.at, () => this.denseAttributes(message, path));
    }
    file.attempt(`dataset ${path}`, address, () =>
      examineDataset(file, messages, path, (how, target, at) => {
        if (target === "." && how === "a virtual dataset") return;
        file.flaw(
          "outside",
          "high",
          `dataset ${path} takes its values from the file ${JSON.stringify(target.slice(0, 200))} (${how})`,
          at,
        );
      }),
    );
    file.attempt(`the links of ${path || "/"}`, address, () => {
      for (const link of linksOf(file, messages)) {
        const name = `${path}/${link.name}`.slice(-400);
        if (link.kind === "hard") {
          if (link.address !== nowhere) this.open.push({ address: link.address, path: name });
        } else if (link.kind === "external") {
          file.flaw(
            "outside",
            "high",
            `${name} leads into the file ${JSON.stringify(link.target.trim().slice(0, 200))} (an external link)`,
            link.at,
          );
        } else if (link.kind === "unknown") file.gap(`${name} is a link of an unknown kind`, link.at);
      }
    });
  }

  private attributeMessage({ at, size, flags }: Message, path: string): void {
    if (!(flags & 2)) return this.attribute(at, size, path);
    const place = this.shared(at, 0x0c);
    this.attribute(place.at, place.size, path);
  }

  private denseAttributes({ at }: Message, path: string): void {
    const { file } = this;
    const flags = file.window.u8(at + 1);
    const places = at + 2 + (flags & 1 ? 2 : 0);
    const heap = file.address(places);
    const tree = file.address(places + file.offsetSize);
    if (heap === nowhere || tree === nowhere) return;
    const find = openFractalHeap(file, heap);
    for (const record of readBtree2(file, tree)) {
      file.attempt(`an attribute of ${path || "/"}`, record.at, () => {
        const idLength = record.size - 9;
        if (file.window.u8(record.at + idLength) & 2) fail("UNSUPPORTED", "An attribute is shared through a heap");
        const found = find(record.at, idLength);
        this.attribute(found.at, found.length, path);
      });
    }
    if (flags & 2) drain(file, file.address(places + 2 * file.offsetSize));
  }

  private attribute(at: number, size: number, path: string): void {
    const { name, texts } = readAttribute(this.file, at, size, (place) => this.shared(place, 0x03).at);
    const full = `${path}@${name}`.slice(-400);
    if (this.attributes.length < 10_000) this.attributes.push(full);
    for (const bytes of texts) {
      const stop = bytes.indexOf(0);
      const text = stop >= 0 ? bytes.subarray(0, stop) : bytes;
      if (stop >= 0 && bytes.subarray(stop).some((byte) => byte !== 0 && byte !== 0x20)) {
        this.file.flaw("hidden-text", "low", `attribute ${full} has bytes behind the end of its text`, at);
      }
      if (text.length < 2) continue;
      this.file.meter.hold(text.length);
      this.texts.push({ path: full, bytes: text });
    }
  }

  /** Where the message lies that a shared one stands for. Source: specification IV.A.1.a (version 1 to 3). @throws UNSUPPORTED */
  private shared(at: number, wanted: number): { at: number; size: number } {
    const { file } = this;
    const version = file.window.u8(at);
    const kind = file.window.u8(at + 1);
    if (version === 3 && kind === 1) fail("UNSUPPORTED", "A message is shared through a heap");
    const address = file.address(at + (version === 1 ? 8 : 2));
    const found = readObjectHeader(file, address).find(({ type }) => type === wanted);
    return (
      found ?? fail("MALFORMED", { message: "A shared message is not where it should be", where: `byte ${address}` })
    );
  }
}

/** HDF5 keeps room free and reuses it: such bytes are of no meaning, but whoever hides something hides it there. */
function leftoversOf(file: Hdf5Fields, start: number, end: number): Leftover[] {
  const { source } = file.window;
  const found: Leftover[] = [];
  const front = start > 0 ? leftoverAt(source, 0, start, "before the file's beginning") : undefined;
  const behind =
    end < source.size && end > 0 ? leftoverAt(source, end, source.size, "behind the file's end") : undefined;
  if (front) found.push(front);
  if (!file.coverageUnknown && file.gaps.length === 0) {
    for (const hole of uncovered([{ start: 0, end: start }, ...file.extents], Math.min(end, source.size))) {
      if (found.length >= 1000) break;
      file.meter.tick();
      if (/^(?:GCOL|FSHD|FSSE|FADB|EADB|SMTB|SMLI)/.test(Buffer.from(source.read(hole.start, 4)).toString("latin1")))
        continue;
      const left = leftoverAt(source, hole.start, hole.end, "between structures");
      if (left) found.push(left);
    }
  }
  if (behind) found.push(behind);
  return found;
}
