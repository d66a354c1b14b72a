import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concat, utf8 } from "../kit/bytes.ts";
import { isCastellanError } from "../kit/errors.ts";
import { auditMembers, memberQuorum, openMemberEntry, parseMembers, wrapMemberEntry } from "./consortium.ts";
import {
  appendSignatures,
  cosigner,
  cosignerVkeyOf,
  ed25519NoteSigner,
  parseNote,
  signatureLine,
  signNote,
  vkeyOf,
} from "./note.ts";
import { checkQuorum } from "./quorum.ts";
import { memoryLog } from "./testing/memory-log.ts";
import { freshSigner } from "./testing/signers.ts";

function codeOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return isCastellanError(error) ? error.code : String(error);
  }
  return "none";
}

function consortium(...names: string[]) {
  const people = names.map((name) => {
    const signer = freshSigner();
    return { name, signer, note: ed25519NoteSigner(name, signer), vkey: vkeyOf(name, signer.publicKey) };
  });
  return { people, members: parseMembers(people.map(({ vkey }) => vkey).join("\n"), "members.txt") };
}

describe("the members file", () => {
  test("skips comments and blank lines", () => {
    const { people } = consortium("bank.example", "lab.example");
    const text = `# who may write\n\n${people[0]!.vkey}\r\n  ${people[1]!.vkey}  \n`;
    expect(parseMembers(text, "members.txt").keys.map(({ name }) => name)).toEqual(["bank.example", "lab.example"]);
  });

  test.each<[string, string, (a: string, b: string) => string]>([
    ["the same member twice", "CONFIG", (a) => `${a}\n${a}`],
    ["nobody", "CONFIG", () => "# nobody\n"],
    ["a line that is no key", "MALFORMED", (a) => `${a}\nhello`],
  ])("with %s is refused", (_, code, make) => {
    const { people } = consortium("a.example", "b.example");
    expect(codeOf(() => parseMembers(make(people[0]!.vkey, people[1]!.vkey), "f"))).toBe(code);
  });

  test("names the line at fault", () => {
    const { people } = consortium("a.example");
    expect(() => parseMembers(`\n${people[0]!.vkey}\nhello`, "f")).toThrow(
      expect.objectContaining({ where: "f, line 3" }) as Error,
    );
  });

  test("refuses one key under two names, two keys under one name and witness keys", () => {
    const signer = freshSigner();
    const [key, other] = [vkeyOf("a", signer.publicKey), vkeyOf("b", signer.publicKey)];
    expect(codeOf(() => parseMembers(`${key}\n${other}`, "f"))).toBe("CONFIG");
    expect(codeOf(() => parseMembers(`${key}\n${vkeyOf("a", freshSigner().publicKey)}`, "f"))).toBe("CONFIG");
    expect(codeOf(() => parseMembers(cosignerVkeyOf("a", signer.publicKey), "f"))).toBe("CONFIG");
  });
});

describe("member entries", () => {
  test("say whose they are and keep any text that may be signed", async () => {
    const { people, members } = consortium("bank.example", "lab.example");
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "grapheme" }), fc.boolean(), async (words, second) => {
        // oxlint-disable-next-line no-control-regex
        const text = words.replaceAll(/[\u0000-\u001f]/g, "\n");
        const person = people[second ? 1 : 0]!;
        const entry = await wrapMemberEntry(text, person.note);
        expect(openMemberEntry(entry, members)).toEqual({ member: person.name, text });
      }),
      { numRuns: 40 },
    );
  });

  test("of a stranger are refused, under a member's name too", async () => {
    const { members } = consortium("bank.example");
    const stranger = await wrapMemberEntry("x", ed25519NoteSigner("else.example", freshSigner()));
    const impostor = await wrapMemberEntry("x", ed25519NoteSigner("bank.example", freshSigner()));
    expect(codeOf(() => openMemberEntry(stranger, members))).toBe("UNTRUSTED");
    expect(codeOf(() => openMemberEntry(impostor, members))).toBe("UNTRUSTED");
  });

  test("with a member's name and key id but a forged signature are refused", async () => {
    const { people, members } = consortium("bank.example");
    const { keyId } = people[0]!.note;
    const forged = utf8(`pay\n\n${signatureLine("bank.example", keyId, new Uint8Array(64).fill(7))}`);
    expect(codeOf(() => openMemberEntry(forged, members))).toBe("SIGNATURE");
    const honest = Buffer.from(await wrapMemberEntry("pay 1", people[0]!.note)).toString();
    expect(codeOf(() => openMemberEntry(utf8(honest.replace("pay 1", "pay 9")), members))).toBe("SIGNATURE");
  });

  test("with a second signature line are refused, so that nobody makes two entries of one", async () => {
    const { people, members } = consortium("bank.example", "lab.example");
    const both = await signNote("x\n", [people[0]!.note, people[1]!.note]);
    expect(codeOf(() => openMemberEntry(utf8(both), members))).toBe("MALFORMED");
    const junk = `${await signNote("x\n", [people[0]!.note])}\u2014 junk AAAAAAA=\n`;
    expect(codeOf(() => openMemberEntry(utf8(junk), members))).toBe("MALFORMED");
  });

  test("cannot be turned into a member's cosignature of a checkpoint", async () => {
    const { people, members } = consortium("bank.example");
    const text = "cosignature/v1\ntime 1\nlog\n0\nAAAA";
    await expect(wrapMemberEntry(text, people[0]!.note)).rejects.toMatchObject({ code: "USAGE" });
    await expect(wrapMemberEntry("cosignature/v1", people[0]!.note)).rejects.toMatchObject({ code: "USAGE" });
    const tricked = utf8(await signNote(`${text}\n`, [people[0]!.note]));
    expect(codeOf(() => openMemberEntry(tricked, members))).toBe("MALFORMED");
  });
});

describe("the audit of a consortium's log", () => {
  test("says per leaf whose it is", async () => {
    const { people, members } = consortium("bank.example", "lab.example", "idle.example");
    const entries = [
      await wrapMemberEntry("1", people[1]!.note),
      await wrapMemberEntry("2", people[0]!.note),
      await wrapMemberEntry("3", people[1]!.note),
    ];
    const owners: string[] = [];
    const audit = await auditMembers(entries, members, (index, member) => (owners[index] = member));
    expect(owners).toEqual(["lab.example", "bank.example", "lab.example"]);
    expect(Object.fromEntries(audit.perMember)).toEqual({ "bank.example": 1, "lab.example": 2, "idle.example": 0 });
    expect(audit.refusedCount).toBe(0);
  });

  test("refuses unsigned, foreign, forged and repeated leaves and goes on", async () => {
    const { people, members } = consortium("bank.example");
    const good = await wrapMemberEntry("1", people[0]!.note);
    const foreign = await wrapMemberEntry("2", ed25519NoteSigner("else.example", freshSigner()));
    const forged = utf8(Buffer.from(good).toString().replace("1\n", "2\n"));
    const entries = [good, utf8("plain"), foreign, forged, good, concat(), await wrapMemberEntry("9", people[0]!.note)];
    const audit = await auditMembers(entries, members);
    expect(audit.refused.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
    expect(audit.refused[3]?.why).toContain("repeats leaf 0");
    expect(audit.perMember.get("bank.example")).toBe(2);
  });
});

describe("a consortium's checkpoint", () => {
  test("counts when n members cosigned it, each with its own key", async () => {
    const { people, members } = consortium("a.example", "b.example", "c.example");
    const note = await memoryLog().append("x").checkpoint();
    const text = utf8(parseNote(note).text);
    const clock = { now: () => 1_800_000_000_000 };
    const line = async (i: number): Promise<string> => {
      const me = cosigner(people[i]!.name, people[i]!.signer, clock);
      return signatureLine(me.name, me.keyId, await me.sign(text));
    };
    const rule = memberQuorum(members, 2, 60_000);
    const one = appendSignatures(note, [await line(0)]);
    expect(codeOf(() => checkQuorum(one, rule, clock))).toBe("SIGNATURE");
    const two = appendSignatures(one, [await line(2)]);
    expect(checkQuorum(two, rule, clock).map(({ name }) => name)).toEqual(["a.example", "c.example"]);
    expect(codeOf(() => memberQuorum(members, 4))).toBe("CONFIG");
  });

  test("is not cosigned by a member's ordinary signature", async () => {
    const { people, members } = consortium("a.example");
    const note = await memoryLog().append("x").checkpoint();
    const plain = signatureLine(
      "a.example",
      people[0]!.note.keyId,
      await people[0]!.note.sign(utf8(parseNote(note).text)),
    );
    expect(codeOf(() => checkQuorum(appendSignatures(note, [plain]), memberQuorum(members, 1)))).toBe("SIGNATURE");
  });
});
