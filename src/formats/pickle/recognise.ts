import type { ByteSource } from "../../core/byte-source.ts";
import type { Handle } from "./handle.ts";
import { globalAt, objectAt, objectKind } from "./handle.ts";
import { Machine } from "./machine.ts";
import type { EffectJudge } from "./machine-port.ts";
import { Memo } from "./memo.ts";
import { Window } from "./window.ts";

const opcodeLimit = 512;
const plausibleModule = /^[A-Za-z_][\w.]*$/;
const plausibleName = /^[A-Za-z_<][\w.<>]*$/;

/** Counts what a pickle would do, without any knowledge of what it means. */
class Counter implements EffectJudge {
  readonly watching = false;
  readonly gaps = false;
  names = 0;
  oddNames = 0;
  calls = 0;

  global(_offset: number, _protocol: number, module: string, name: string): Handle {
    if (plausibleModule.test(module) && plausibleName.test(name)) this.names++;
    else this.oddNames++;
    return globalAt(0);
  }

  again(): void {}

  unnamed(): Handle {
    this.names++;
    return globalAt(0);
  }

  call(offset: number): Handle {
    this.calls++;
    return objectAt(offset, objectKind.object);
  }

  build(): void {}
  mutate(): void {}
  hold(): void {}

  persistent(offset: number): Handle {
    return objectAt(offset, objectKind.object);
  }

  maybeText(): boolean {
    return true;
  }

  gapAfter(): undefined {
    return undefined;
  }
}

/**
 * How sure the first opcodes make us that a pickle loader would do something with these bytes. Any bytes may be given to a
 * loader, and protocols 0 and 1 have no signature: so they are run, a few hundred opcodes far.
 */
export function recognisePickle(source: ByteSource): "no" | "possible" | "likely" | "certain" {
  const [first, protocol] = source.read(0, 2);
  const signed = first === 0x80 && protocol !== undefined && protocol <= 5;
  const window = new Window(source, "memory");
  const options = { strict: false, maxStack: 100_000, maxMarks: 10_000, maxOpcodes: opcodeLimit };
  let counter: Counter | undefined;
  const machine = new Machine(window, new Memo(1 << 16), options, () => (counter = new Counter()));
  const { ended } = machine.run(0);
  const { names, oddNames, calls } = counter!;
  const ran = machine.opcodes;
  if (signed) return ended === "stop" || ran > 3 || names > 0 ? "certain" : "possible";
  if (oddNames > 0 && oddNames >= names) return "no";
  // Something would be imported and called, whatever comes after it.
  if (names > 0 && calls > 0) return ended === "stop" ? "certain" : "likely";
  if (ended === "stop" || ended === "limit") return ran >= 4 ? "likely" : "possible";
  return names > 0 || (ended === "truncated" && ran >= 16) ? "possible" : "no";
}
