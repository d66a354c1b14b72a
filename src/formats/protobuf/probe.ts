import type { ByteSource } from "../../core/byte-source.ts";
import { unmetered } from "../reading/meter.ts";
import { Window } from "../reading/window.ts";
import { wireFields } from "./wire.ts";
import type { WireField } from "./wire.ts";

/** The beginning of a file, read as a protobuf message. */
export interface MessageProbe {
  readonly fields: readonly WireField[];
  /** The fields go to the end of the range; false when there are more, or when what follows is no field. */
  readonly complete: boolean;
  /** What follows the fields is no protobuf. */
  readonly broken: boolean;
}

/** At most `most` fields between `start` and `end`, reading some 512 bytes for each. Never throws. */
export function probeMessage(source: ByteSource, most: number, start = 0, end: number = source.size): MessageProbe {
  const fields: WireField[] = [];
  try {
    const window = new Window(source, "protobuf", true, 512);
    for (const field of wireFields(window, start, end, unmetered)) {
      if (fields.length >= most) return { fields, complete: false, broken: false };
      fields.push(field);
    }
    return { fields, complete: true, broken: false };
  } catch {
    return { fields, complete: false, broken: true };
  }
}
