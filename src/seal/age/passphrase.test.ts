import { describe, expect, it } from "vitest";
import { utf8 } from "../../kit/bytes.ts";
import { dearmor } from "./armor.ts";
import { decryptWithPassphrase, encryptWithPassphrase } from "./passphrase.ts";

const secret = utf8("a private key, say");

describe("encryption with a pass phrase", () => {
  it("gives armored text that opens with the same pass phrase, armored or binary", async () => {
    const text = await encryptWithPassphrase(secret, "correct horse", { logN: 4 });
    expect(text).toMatch(/^-----BEGIN AGE ENCRYPTED FILE-----\n/);
    for (const file of [text, utf8(text), utf8(`\n\r\n \n${text}\n\t `), dearmor(text)])
      expect(Buffer.from(await decryptWithPassphrase(file, "correct horse"))).toEqual(Buffer.from(secret));
  });

  it("refuses a wrong pass phrase as forbidden and does not repeat it", async () => {
    const text = await encryptWithPassphrase(secret, "right", { logN: 4 });
    const error: unknown = await decryptWithPassphrase(text, "swordfish").catch((error: unknown) => error);
    expect(error).toMatchObject({ code: "FORBIDDEN" });
    expect(JSON.stringify(error) + String(error)).not.toContain("swordfish");
  });

  it("refuses work factors it would not survive, in both directions", async () => {
    const binary = Buffer.from(dearmor(await encryptWithPassphrase(secret, "p", { logN: 10 }))).toString("latin1");
    for (const logN of ["21", "30", "999999999999"]) {
      const heavier = Buffer.from(binary.replace(/ 10\n/, ` ${logN}\n`), "latin1");
      await expect(decryptWithPassphrase(heavier, "p")).rejects.toMatchObject({ code: "MALFORMED" });
    }
    for (const logN of [0, -1, 21, 1.5, Number.NaN])
      await expect(encryptWithPassphrase(secret, "p", { logN })).rejects.toMatchObject({ code: "USAGE" });
    await expect(encryptWithPassphrase(secret, "")).rejects.toMatchObject({ code: "USAGE" });
  });

  it("says so when the file is no age file or was encrypted otherwise", async () => {
    for (const file of [
      "",
      "hello",
      "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
      utf8("x"),
      new Uint8Array(),
    ])
      await expect(decryptWithPassphrase(file, "p")).rejects.toMatchObject({ code: "MALFORMED" });
  });
});
