import { isCastellanError } from "../../../kit/errors.ts";
import type { Member } from "../../reader.ts";

/** The bytes of a member as far as they come, and the error that ended them. */
export function unpackMember(member: Member | undefined): { text: string; problem: string | undefined } {
  if (!member) return { text: "", problem: "no member" };
  const { content } = member;
  if (typeof content !== "function")
    return { text: Buffer.from(content.read(0, content.size)).toString("latin1"), problem: undefined };
  const pieces: Uint8Array[] = [];
  let problem: string | undefined;
  try {
    const iterable = content();
    if (Symbol.asyncIterator in iterable) return { text: "", problem: "not to be awaited here" };
    for (const piece of iterable) pieces.push(piece.slice());
  } catch (error) {
    if (!isCastellanError(error)) throw error;
    problem = error.message;
  }
  return { text: Buffer.concat(pieces).toString("latin1"), problem };
}
