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

/** Most bytes read for one probe: 150 windows of 512. Only by more than that of foreign fields could a message hide. */
const mostReads = 150;

/** At most `most` fields between `start` and `end`. Never throws. */
export function probeMessage(source: ByteSource, most: number, start = 0, end: number = source.size): MessageProbe {
  const fields: WireField[] = [];
  try {
    let reads = 0;
    const counted: ByteSource = {
      size: source.size,
      read: (offset, length) => (++reads > mostReads ? new Uint8Array(0) : source.read(offset, length)),
    };
    const window = new Window(counted, "protobuf", true, 512);
    for (const field of wireFields(window, start, end, unmetered)) {
      if (fields.length >= most) return { fields, complete: false, broken: false };
      fields.push(field);
    }
    return { fields, complete: true, broken: false };
  } catch {
    return { fields, complete: false, broken: true };
  }
}
