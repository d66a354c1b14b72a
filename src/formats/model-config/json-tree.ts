import type { ByteSource } from "../../core/byte-source.ts";
import { fail } from "../../kit/errors.ts";
import { flawList } from "../reading/flaw.ts";
import type { Flaw } from "../reading/flaw.ts";
import type { Meter } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import type { JsonMember, JsonNode } from "./json-node.ts";
import { asUtf8 } from "./json-text.ts";
import type { Token } from "./json-tokens.ts";
import { tokens } from "./json-tokens.ts";

/** A JSON file, read as Python's json module reads it, and what is odd about how it is written. */
export interface JsonDocument {
  readonly root: JsonNode;
  readonly encoding: string;
  readonly flaws: readonly Flaw[];
}

/** Python's own reader gives up near 1,000. */
const deepest = 1500;
/** Numbers kept of one array; the rest are counted. */
const numbersKept = 64;

interface Open {
  readonly offset: number;
  readonly members?: JsonMember[];
  readonly keys?: Set<string>;
  readonly items?: JsonNode[];
  count: number;
  key: Token | undefined;
}

/**
 * Reads a whole JSON text. Repeated keys are all kept (Python takes the last, other readers the first).
 * @throws MALFORMED when it is not JSON; LIMIT when it is nested too deep, or the meter refuses
 */
export function parseJson(bytes: ByteSource, meter: Meter): JsonDocument {
  const { source, start, encoding } = asUtf8(bytes);
  const { flaws, add } = flawList();
  const builder = new Builder(meter, add);
  for (const token of tokens(new Window(source, "JSON"), start, meter)) builder.take(token);
  if (encoding !== "utf-8") {
    add({
      rule: "encoding",
      severity: "medium",
      why: `the text is written in ${encoding}, which Python reads and most other tools do not`,
    });
  }
  return { root: builder.finish(), encoding, flaws };
}

class Builder {
  private readonly meter: Meter;
  private readonly flaw: (flaw: Flaw) => void;
  private readonly open: Open[] = [];
  private root: JsonNode | undefined;
  /** What may come next. */
  private expect: "value" | "value or end" | "key" | "key or end" | "colon" | "comma" = "value";

  constructor(meter: Meter, flaw: (flaw: Flaw) => void) {
    this.meter = meter;
    this.flaw = flaw;
  }

  finish(): JsonNode {
    if (!this.root || this.open.length > 0) return fail("MALFORMED", "The JSON text ends too early");
    return this.root;
  }

  take(token: Token): void {
    const { kind } = token;
    const top = this.open.at(-1);
    if (kind === "end") return;
    if (this.root) this.refuse(token);
    if (kind === "}" || kind === "]") {
      const fits = top && (kind === "}" ? top.members : top.items);
      if (!fits || (this.expect !== "comma" && !this.expect.endsWith("or end"))) this.refuse(token);
      this.open.pop();
      this.value(
        top.members
          ? { kind: "object", offset: top.offset, members: top.members }
          : { kind: "array", offset: top.offset, items: top.items ?? [], count: top.count },
      );
    } else if (kind === ",") {
      if (this.expect !== "comma" || !top) this.refuse(token);
      this.expect = top.members ? "key" : "value";
    } else if (kind === ":") {
      if (this.expect !== "colon") this.refuse(token);
      this.expect = "value";
    } else if (this.expect.startsWith("key")) {
      if (kind !== "string") this.refuse(token);
      this.key(token, top!);
    } else if (!this.expect.startsWith("value")) {
      this.refuse(token);
    } else if (kind === "{" || kind === "[") {
      this.begin(token);
    } else {
      this.value({ kind, offset: token.offset, text: token.text });
    }
  }

  private begin({ kind, offset }: Token): void {
    if (this.open.length >= deepest) fail("LIMIT", `The JSON text is nested more than ${deepest} deep`);
    this.meter.hold(200);
    if (kind === "{") this.open.push({ offset, members: [], keys: new Set(), count: 0, key: undefined });
    else this.open.push({ offset, items: [], count: 0, key: undefined });
    this.expect = kind === "{" ? "key or end" : "value or end";
  }

  private key(token: Token, top: Open): void {
    if (top.keys!.has(token.text)) {
      const why = `the key ${JSON.stringify(token.text.slice(0, 80))} occurs twice in one object: readers differ in which they take`;
      this.flaw({ rule: "duplicate-key", severity: "medium", why, offset: token.offset });
    }
    top.keys!.add(token.text);
    top.key = token;
    this.expect = "colon";
  }

  private value(node: JsonNode): void {
    const top = this.open.at(-1);
    this.expect = "comma";
    if (!top) {
      this.root = node;
      return;
    }
    top.count++;
    if (top.members) {
      this.meter.hold(120);
      top.members.push({ key: top.key!.text, offset: top.key!.offset, value: node });
    } else if (node.kind !== "number" || top.count <= numbersKept) {
      this.meter.hold(60);
      top.items!.push(node);
    }
  }

  private refuse({ offset, text }: Token): never {
    return fail("MALFORMED", {
      message: `This is not JSON: ${JSON.stringify(text.slice(0, 40))} cannot stand at byte ${offset}`,
      where: `byte ${offset}`,
    });
  }
}
