import { sha256, toHex, utf8 } from "../kit/bytes.ts";
import { CastellanError, fail } from "../kit/errors.ts";
import { keyLabel, type NoteSigner, type NoteVerifier, openNote, parseNote, parseVkey, signNote } from "./note.ts";
import { type Quorum, ruleOver } from "./quorum.ts";
import { cosignatureVerifierOf, noteKeyTypes } from "./vkey.ts";

// Consortium mode: several named members append to one log. Every entry is a signed note, so each leaf says whose it is
// and the log's operator cannot put words into a member's mouth; the log's checkpoints count when n members cosigned.

const maxMembers = 1000;
const maxFileCharacters = 1_000_000;

/**
 * A member signs entries as it is (type 01) and checkpoints with the time-stamped prefix (type 04). An entry that began
 * with that prefix would pass as a cosignature nobody meant to give.
 */
const reservedStart = "cosignature/v1\n";

/** The members of a consortium, by their entry keys. */
export interface Members {
  readonly keys: readonly NoteVerifier[];
}

/**
 * Members from a file: one Ed25519 vkey (type 01) a line; blank lines and lines starting with "#" are skipped.
 * @throws MALFORMED for bad lines; CONFIG when a name or a key stands there twice, or nobody does
 */
export function parseMembers(text: string, where: string): Members {
  if (text.length > maxFileCharacters) fail("LIMIT", { message: "the members file is too large", where });
  const keys: NoteVerifier[] = [];
  const seen = new Map<string, number>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const at = `${where}, line ${index + 1}`;
    const key = memberKey(line, at);
    for (const mark of [`name ${key.name}`, `key ${toHex(key.publicKey)}`]) {
      const before = seen.get(mark);
      if (before !== undefined)
        fail("CONFIG", { message: `the same ${mark.split(" ")[0]} stands on line ${before} already`, where: at });
      seen.set(mark, index + 1);
    }
    keys.push(key);
  }
  if (keys.length === 0)
    fail("CONFIG", { message: "the members file names nobody", where, next: "Write one vkey a line." });
  if (keys.length > maxMembers) fail("LIMIT", { message: `more than ${maxMembers} members`, where });
  return { keys };
}

function memberKey(vkey: string, where: string): NoteVerifier {
  let key: NoteVerifier;
  try {
    key = parseVkey(vkey);
  } catch (error) {
    if (!(error instanceof CastellanError)) throw error;
    return fail(error.code, { message: error.message, where, next: error.next, cause: error });
  }
  if (key.type !== noteKeyTypes.ed25519)
    fail("CONFIG", {
      message: "a member is listed by the key it signs entries with (type 01), not by a witness key",
      where,
    });
  return key;
}

/**
 * A member's entry: a signed note over `text` and one newline, signed by that member alone.
 * @throws MALFORMED when `text` holds control characters; USAGE when it could pass for a cosignature
 */
export async function wrapMemberEntry(text: string, member: NoteSigner): Promise<Uint8Array> {
  if (`${text}\n`.startsWith(reservedStart)) fail("USAGE", "an entry must not begin like a cosignature");
  return utf8(await signNote(`${text}\n`, [member]));
}

/** What a member's entry says and whose it is. */
export interface MemberEntry {
  readonly member: string;
  readonly text: string;
}

/**
 * Opens an entry made by {@link wrapMemberEntry}. Exactly one signature line is allowed, else anybody could make a new
 * entry of an old one by adding a line.
 * @throws MALFORMED, LIMIT; UNTRUSTED when the signer is no member; SIGNATURE when the signature is wrong
 */
export function openMemberEntry(entry: Uint8Array, members: Members): MemberEntry {
  const { text, signatures } = parseNote(entry);
  const [only, ...more] = signatures;
  if (!only || more.length > 0)
    return fail("MALFORMED", `a member's entry carries one signature, this one ${signatures.length}`);
  if (text.startsWith(reservedStart)) fail("MALFORMED", "a member's entry must not begin like a cosignature");
  const label = keyLabel(only);
  const member = members.keys.find((key) => keyLabel(key) === label);
  if (!member) return fail("UNTRUSTED", `the entry is signed by ${label.slice(0, 120)}, who is no member`);
  openNote(entry, [member]);
  return { member: member.name, text: text.slice(0, -1) };
}

/** Why a leaf does not belong on the consortium's log. */
export interface RefusedLeaf {
  readonly index: number;
  readonly why: string;
}

/** Whose the leaves of a log are. */
export interface MembersAudit {
  /** Number of leaves looked at. */
  readonly size: number;
  /** Leaves by member name, for every member, also those with none. */
  readonly perMember: ReadonlyMap<string, number>;
  /** The leaves refused; the log is good when there are none. At most the first 1,000 are listed. */
  readonly refused: readonly RefusedLeaf[];
  readonly refusedCount: number;
}

const maxListed = 1000;

/**
 * Looks at every leaf in order and says whose it is; unsigned leaves, leaves by strangers, forged ones and exact repeats
 * (a member's words played again by somebody else) are refused.
 * @param each is told the owner of each good leaf, when given
 */
export async function auditMembers(
  entries: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  members: Members,
  each: (index: number, member: string) => void = () => {},
): Promise<MembersAudit> {
  const perMember = new Map(members.keys.map(({ name }) => [name, 0]));
  const first = new Map<string, number>();
  const refused: RefusedLeaf[] = [];
  let refusedCount = 0;
  let size = 0;
  const refuse = (index: number, why: string): void => {
    refusedCount++;
    if (refused.length < maxListed) refused.push({ index, why });
  };
  for await (const entry of entries) {
    const index = size++;
    const said = ownerOf(entry, members);
    if ("why" in said) {
      refuse(index, said.why);
      continue;
    }
    const hash = Buffer.from(sha256(entry)).toString("latin1");
    const before = first.get(hash);
    if (before !== undefined) {
      refuse(index, `repeats leaf ${before} of ${said.member}`);
      continue;
    }
    first.set(hash, index);
    perMember.set(said.member, (perMember.get(said.member) ?? 0) + 1);
    each(index, said.member);
  }
  return { size, perMember, refused, refusedCount };
}

function ownerOf(entry: Uint8Array, members: Members): { readonly member: string } | { readonly why: string } {
  try {
    return openMemberEntry(entry, members);
  } catch (error) {
    if (error instanceof CastellanError) return { why: error.message };
    throw error;
  }
}

/**
 * The rule for a consortium's checkpoints: `n` of the members cosigned, each under its own name and key (type 04, so a
 * member runs a witness with its member key). Apply with `checkQuorum`.
 * @throws CONFIG when n does not fit the number of members
 */
export function memberQuorum(members: Members, n: number, maxAgeMs?: number): Quorum {
  return ruleOver(n, members.keys.map(cosignatureVerifierOf), maxAgeMs);
}
