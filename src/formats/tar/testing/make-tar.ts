/** One member to write. */
export interface MemberToWrite {
  readonly name: string;
  readonly data?: string | Buffer;
  readonly type?: string;
  readonly target?: string;
  readonly size?: number | string;
}

/** A header block with its data, padded; the size field can be written otherwise. */
export function tarEntry({ name, data = "", type = "0", target = "", size }: MemberToWrite): Buffer {
  const body = Buffer.from(data as string);
  const head = Buffer.alloc(512);
  head.write(name, 0, 100);
  head.write("0000644\0", 100);
  head.write(
    typeof size === "string" ? size : `${(size ?? body.length).toString(8).padStart(11, "0")}\0`,
    124,
    12,
    "latin1",
  );
  head.write("00000000000\0", 136);
  head.write(type, 156);
  head.write(target, 157, 100);
  head.write("ustar\x0000", 257);
  head.fill(" ", 148, 156);
  head.write(
    `${head
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, "0")}\0 `,
    148,
  );
  return Buffer.concat([head, body, Buffer.alloc((512 - (body.length % 512)) % 512)]);
}

/** A tar file for tests, with its end mark. */
export function makeTar(members: readonly MemberToWrite[]): Buffer {
  return Buffer.concat([...members.map(tarEntry), Buffer.alloc(1024)]);
}
