import { fail } from "../../kit/errors.ts";
import type { Hdf5Fields } from "./fields.ts";

/** One message of an object header. */
export interface Message {
  readonly type: number;
  readonly flags: number;
  /** Where its data begin, and how long they are. */
  readonly at: number;
  readonly size: number;
}

const mostMessages = 100_000;
const mostBlocks = 4096;
const continuation = 0x10;

/** All messages of the object header at `address`, continuation blocks included. Source: specification IV.A. @throws MALFORMED LIMIT */
export function readObjectHeader(file: Hdf5Fields, address: number): readonly Message[] {
  const { window } = file;
  const second = window.u8(address) === 0x4f;
  const messages: Message[] = [];
  const blocks: { start: number; end: number }[] = [];
  let headSize = 8;
  if (second) {
    file.expect(address, "OHDR");
    const flags = window.u8(address + 5);
    if (window.u8(address + 4) !== 2)
      fail("UNSUPPORTED", `Object header version ${window.u8(address + 4)} is not known`);
    headSize = flags & 4 ? 6 : 4;
    const sizeAt = address + 6 + (flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0);
    const start = sizeAt + 2 ** (flags & 3);
    const end = start + file.number(sizeAt, 2 ** (flags & 3));
    blocks.push({ start, end });
    file.cover(address, end + 4 - address);
  } else {
    if (window.u8(address) !== 1) fail("MALFORMED", `No object header lies at byte ${address}`);
    const end = address + 16 + window.u32(address + 8);
    blocks.push({ start: address + 16, end });
    file.cover(address, end - address);
  }
  for (const [index, { start, end }] of takeAll(blocks)) {
    if (index >= mostBlocks) fail("LIMIT", `The object header at byte ${address} has more than ${mostBlocks} parts`);
    let at = start;
    while (at + headSize <= end) {
      file.meter.tick();
      const type = second ? window.u8(at) : window.u16(at);
      const size = second ? window.u16(at + 1) : window.u16(at + 2);
      const flags = window.u8(at + (second ? 3 : 4));
      const data = at + headSize;
      if (data + size > end)
        fail("MALFORMED", {
          message: `A message of the object header at byte ${address} is longer than its block`,
          where: `byte ${at}`,
        });
      if (messages.length >= mostMessages)
        fail("LIMIT", `The object header at byte ${address} has more than ${mostMessages} messages`);
      if (type === continuation) {
        const place = file.address(data);
        const length = file.length(data + file.offsetSize);
        if (place >= 0 && file.first("continuation", place)) {
          if (second) file.expect(place, "OCHK");
          blocks.push(second ? { start: place + 4, end: place + length - 4 } : { start: place, end: place + length });
          file.cover(place, length);
        }
      } else messages.push({ type, flags, at: data, size });
      at = data + size;
    }
  }
  return messages;
}

/** The entries of a list that grows while it is read. */
function* takeAll<T>(list: readonly T[]): Generator<[number, T], void, void> {
  for (let index = 0; index < list.length; index++) yield [index, list[index]!];
}
