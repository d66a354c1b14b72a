/** What a FlatBuffer is written from. A table's fields stand in order; undefined leaves one out. */
export type Node =
  | { readonly table: readonly (Scalar | Node | undefined)[] }
  | { readonly tables: readonly Node[] }
  | { readonly text: string }
  | { readonly bytes: Uint8Array }
  | { readonly ints: readonly number[] };
export type Scalar = { readonly u8: number } | { readonly u32: number } | { readonly u64: bigint };

/** A FlatBuffer with this root and identifier. Everything stands behind what points to it. */
export function writeFlatBuffer(root: Node, identifier: string): Uint8Array {
  let bytes: Buffer = Buffer.concat([Buffer.alloc(4), Buffer.from(identifier)]);
  const pad = (): void => {
    bytes = Buffer.concat([bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
  };
  const append = (more: Uint8Array): number => {
    const at = bytes.length;
    bytes = Buffer.concat([bytes, more]);
    return at;
  };
  const vector = (length: number, content: Uint8Array): number => {
    pad();
    const head = Buffer.alloc(4);
    head.writeUInt32LE(length);
    return append(Buffer.concat([head, content]));
  };
  const write = (node: Node): number => {
    if ("text" in node)
      return vector(Buffer.byteLength(node.text), Buffer.concat([Buffer.from(node.text), Buffer.alloc(1)]));
    if ("bytes" in node) return vector(node.bytes.length, node.bytes);
    if ("ints" in node) return vector(node.ints.length, new Uint8Array(Int32Array.from(node.ints).buffer));
    if ("tables" in node) {
      const at = vector(node.tables.length, Buffer.alloc(4 * node.tables.length));
      for (const [index, child] of node.tables.entries()) point(at + 4 + 4 * index, write(child));
      return at;
    }
    pad();
    const count = node.table.length;
    const vtable = Buffer.alloc(4 + 2 * count + ((4 - ((4 + 2 * count) % 4)) % 4));
    vtable.writeUInt16LE(4 + 2 * count, 0);
    let size = 4;
    const places = node.table.map((field) => {
      if (field === undefined) return 0;
      const width = "u64" in field ? 8 : "u8" in field ? 1 : 4;
      size = Math.ceil((size + 4) / width) * width - 4;
      if (size < 4) size = 4;
      const place = size;
      size += width;
      return place;
    });
    size = Math.ceil(size / 4) * 4;
    vtable.writeUInt16LE(size, 2);
    for (const [index, place] of places.entries()) vtable.writeUInt16LE(place, 4 + 2 * index);
    const vtableAt = append(vtable);
    const at = append(Buffer.alloc(size));
    bytes.writeInt32LE(at - vtableAt, at);
    for (const [index, field] of node.table.entries()) {
      if (field === undefined) continue;
      const place = at + places[index]!;
      if ("u8" in field) bytes.writeUInt8(field.u8, place);
      else if ("u32" in field) bytes.writeUInt32LE(field.u32, place);
      else if ("u64" in field) bytes.writeBigUInt64LE(field.u64, place);
    }
    for (const [index, field] of node.table.entries()) {
      if (field === undefined || "u8" in field || "u32" in field || "u64" in field) continue;
      point(at + places[index]!, write(field));
    }
    return at;
  };
  const point = (at: number, to: number): void => void bytes.writeUInt32LE(to - at, at);
  const at = write(root);
  bytes.writeUInt32LE(at, 0);
  return bytes;
}
