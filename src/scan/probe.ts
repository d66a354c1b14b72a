import type { ByteSource } from "../core/byte-source.ts";
import type { Probe } from "./reader.ts";

/** How much of a file's start and end every reader sees at once. */
export const probeBytes = 4096;

/** What readers look at to recognise a format. @throws IO when the source cannot be read */
export function probeOf(source: ByteSource, name: string): Probe<never> {
  const head = source.read(0, Math.min(probeBytes, source.size));
  const tail = source.size <= probeBytes ? head : source.read(source.size - probeBytes, probeBytes);
  // `never`: there is no structure yet; refiners get a copy that has one.
  return { source, head, tail, name, extension: extensionOf(name), base: undefined as never };
}

/** The last extension of a name, lower case with its dot; "" when it has none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot <= 0 || dot === name.length - 1 ? "" : name.slice(dot).toLowerCase();
}

/** The part after the last separator of a path or member name. */
export function lastName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}
