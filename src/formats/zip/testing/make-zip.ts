import { crc32, deflateRawSync } from "node:zlib";

/** One member to write; `local` and `central` override single header fields, to build archives that no honest tool writes. */
export interface MemberToWrite {
  readonly name: string | Buffer;
  readonly data: Uint8Array | string;
  readonly method?: number;
  /** Data as they are to lie in the archive, when they are not stored or deflated. */
  readonly packed?: Uint8Array;
  readonly local?: HeaderFields;
  readonly central?: HeaderFields & {
    readonly external?: number;
    readonly headerOffset?: number;
    readonly disk?: number;
  };
  /** Bytes written behind the data, such as a descriptor. */
  readonly behind?: Uint8Array;
}

interface HeaderFields {
  readonly name?: string | Buffer;
  readonly flags?: number;
  readonly method?: number;
  readonly crc?: number;
  readonly packedSize?: number;
  readonly size?: number;
  readonly extra?: Uint8Array;
}

interface EndFields {
  readonly comment?: Uint8Array;
  readonly entries?: number;
  readonly directorySize?: number;
  readonly directoryOffset?: number;
  /** Written between the last member and the directory. */
  readonly gap?: Uint8Array;
}

/** A zip file for tests. */
export function makeZip(members: readonly MemberToWrite[], end: EndFields = {}): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  const put = (bytes: Uint8Array): void => {
    parts.push(Buffer.from(bytes));
    offset += bytes.length;
  };
  for (const member of members) {
    const data = Buffer.from(member.data as Uint8Array);
    const method = member.method ?? 0;
    const packed = member.packed ?? (method === 8 ? deflateRawSync(data) : data);
    const facts = {
      name: member.name,
      flags: 0,
      method,
      crc: crc32(data),
      packedSize: packed.length,
      size: data.length,
    };
    directory.push(header(0x02014b50, { ...facts, ...member.central }, { headerOffset: offset, ...member.central }));
    put(header(0x04034b50, { ...facts, ...member.local }));
    put(packed);
    if (member.behind) put(member.behind);
  }
  if (end.gap) put(end.gap);
  const start = offset;
  for (const entry of directory) put(entry);
  const size = offset - start;
  const record = Buffer.alloc(22);
  record.writeUInt32LE(0x06054b50, 0);
  record.writeUInt16LE(end.entries ?? members.length, 8);
  record.writeUInt16LE(end.entries ?? members.length, 10);
  record.writeUInt32LE(end.directorySize ?? size, 12);
  record.writeUInt32LE(end.directoryOffset ?? start, 16);
  record.writeUInt16LE(end.comment?.length ?? 0, 20);
  put(record);
  if (end.comment) put(end.comment);
  return Buffer.concat(parts);
}

function header(
  signature: number,
  fields: HeaderFields & { name: string | Buffer },
  central?: { external?: number; headerOffset?: number; disk?: number },
): Buffer {
  const name = Buffer.from(fields.name as string);
  const extra = fields.extra ?? Buffer.alloc(0);
  const bytes = Buffer.alloc(central ? 46 : 30);
  const at = central ? 2 : 0;
  bytes.writeUInt32LE(signature, 0);
  bytes.writeUInt16LE(20, 4);
  bytes.writeUInt16LE(20, 4 + at);
  bytes.writeUInt16LE(fields.flags ?? 0, 6 + at);
  bytes.writeUInt16LE(fields.method ?? 0, 8 + at);
  bytes.writeUInt32LE(fields.crc ?? 0, 14 + at);
  bytes.writeUInt32LE(fields.packedSize ?? 0, 18 + at);
  bytes.writeUInt32LE(fields.size ?? 0, 22 + at);
  bytes.writeUInt16LE(name.length, 26 + at);
  bytes.writeUInt16LE(extra.length, 28 + at);
  if (central) {
    bytes.writeUInt16LE(central.disk ?? 0, 34);
    bytes.writeUInt32LE(central.external ?? 0, 38);
    bytes.writeUInt32LE(central.headerOffset ?? 0, 42);
  }
  return Buffer.concat([bytes, name, extra]);
}
