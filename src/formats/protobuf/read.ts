import { fail } from "../../kit/errors.ts";
import type { Flaw } from "../reading/flaw.ts";
import type { Gap } from "../reading/gap.ts";
import type { Meter } from "../reading/meter.ts";
import type { Window } from "../reading/window.ts";
import type { FieldSchema, MessageSchema } from "./schema.ts";
import { varint, wireFields } from "./wire.ts";
import type { WireField } from "./wire.ts";

/** A field that the message's type knows. */
export interface Field extends WireField {
  readonly schema: FieldSchema;
}

/** A range of bytes. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

const deepest = 100;
const mostGaps = 50;
const longestText = 1024 * 1024;

/**
 * Reads messages of known types out of one file and keeps the account of what was not understood: unknown fields, fields stored
 * in another form than their type's, singular fields that occur twice.
 */
export class MessageReader {
  readonly window: Window;
  readonly meter: Meter;
  readonly gaps: Gap[] = [];
  readonly #flaw: (flaw: Flaw) => void;
  readonly #unknown = new Set<string>();

  constructor(window: Window, meter: Meter, flaw: (flaw: Flaw) => void) {
    this.window = window;
    this.meter = meter;
    this.#flaw = flaw;
  }

  flaw(flaw: Flaw): void {
    this.#flaw(flaw);
  }

  /** Notes that something was not understood. */
  gap(gap: Gap): void {
    if (this.gaps.length < mostGaps) this.gaps.push(gap);
  }

  /** The known fields of the message in `span`, in stored order. @throws MALFORMED, LIMIT */
  *fields(span: Span, schema: MessageSchema, depth: number): Generator<Field, void> {
    if (depth > deepest) fail("LIMIT", `Messages are nested more than ${deepest} deep`);
    const seen = new Set<number>();
    for (const field of wireFields(this.window, span.start, span.end, this.meter)) {
      const known = schema.fields.get(field.number);
      if (!known) {
        this.#unknownField(field, schema);
        continue;
      }
      if (!fits(field, known)) {
        this.#flaw({
          rule: "wire-type",
          severity: "medium",
          why: `field ${known.name} of a ${schema.name} is stored in another form than its type's`,
          offset: field.offset,
        });
        this.gap({ why: `a field ${known.name} of a ${schema.name} could not be read`, offset: field.offset });
        continue;
      }
      if (!known.many) {
        if (seen.has(field.number)) {
          this.#flaw({
            rule: "duplicate-field",
            severity: "medium",
            why: `field ${known.name} of a ${schema.name} occurs twice, and readers differ in what they make of that`,
            offset: field.offset,
          });
        }
        seen.add(field.number);
      }
      yield { ...field, schema: known };
    }
  }

  /** Walks a message nobody asks anything of, so that what is unknown in it is noted. @throws MALFORMED, LIMIT */
  account(span: Span, schema: MessageSchema, depth: number): void {
    for (const field of this.fields(span, schema, depth)) this.accountField(field, depth);
  }

  /** The same for one field of a message. */
  accountField(field: Field, depth: number): void {
    if (field.schema.of) this.account(field, field.schema.of(), depth + 1);
  }

  /** The text of a string field, at most 1 MiB of it; who keeps it says so to the meter. Invalid UTF-8 becomes U+FFFD. */
  text(field: Span, what = "a text"): string {
    const length = field.end - field.start;
    if (length > longestText) {
      this.gap({ why: `${what} of ${length} bytes was only read in part`, offset: field.start, length });
    }
    const kept = Math.min(length, longestText);
    return Buffer.from(this.window.bytes(field.start, kept)).toString("utf8");
  }

  /** The numbers of an integer field, which may be packed; at most `most` of them. @throws LIMIT */
  *integers(field: Field, most: number): Generator<number | bigint, void> {
    if (field.wire !== 2) {
      yield field.value;
      return;
    }
    let count = 0;
    for (let at = field.start; at < field.end; ) {
      if (++count > most) fail("LIMIT", `${field.schema.name} has more than ${most} numbers`);
      if ((count & 63) === 0) this.meter.tick();
      const { value, next } = this.varint(at, field.end);
      yield value;
      at = next;
    }
  }

  varint(at: number, end: number): { readonly value: number | bigint; readonly next: number } {
    return varint(this.window, at, end);
  }

  #unknownField(field: WireField, schema: MessageSchema): void {
    const key = `${schema.name}.${field.number}`;
    if (this.#unknown.has(key)) return;
    this.#unknown.add(key);
    this.#flaw({
      rule: "unknown-field",
      severity: "low",
      why: `a ${schema.name} has a field ${field.number} that its type does not know`,
      offset: field.offset,
      length: field.end - field.offset,
    });
    this.gap({
      why: `field ${field.number} of a ${schema.name} is not known, so its ${field.end - field.start} bytes were not understood`,
      offset: field.offset,
      length: field.end - field.offset,
    });
  }
}

function fits(field: WireField, { type, many }: FieldSchema): boolean {
  if (many && field.wire === 2 && (type === "int" || type === "fixed32" || type === "fixed64")) {
    const length = field.end - field.start;
    return type === "int" || length % (type === "fixed32" ? 4 : 8) === 0;
  }
  return field.wire === wireOf[type];
}

const wireOf: { readonly [type in FieldSchema["type"]]: number } = {
  int: 0,
  fixed64: 1,
  string: 2,
  bytes: 2,
  message: 2,
  group: 3,
  fixed32: 5,
};
