// A process for crash tests: appends random entries for ever and prints "<index> <text>" once each is acknowledged.
//   node append-child.ts <dir> <origin> <private key, PKCS#8 DER in base64> <name of this life>
import { createPrivateKey } from "node:crypto";
import { writeSync } from "node:fs";
import { openLogWriter } from "../writer.ts";
import { signerFrom } from "./signers.ts";

const [dir = "", origin = "", key = "", life = ""] = process.argv.slice(2);
const privateKey = createPrivateKey({ key: Buffer.from(key, "base64"), format: "der", type: "pkcs8" });
const clock = { now: () => Date.now() };
const writer = await openLogWriter({ dir, origin, signer: signerFrom(privateKey), clock });
writeSync(1, "ready\n");
const caller = async (name: number) => {
  for (let count = 0; ; count++) {
    const text = `${life}.${name}.${count}.${"x".repeat(Math.floor(Math.random() ** 4 * 3000))}`;
    const { index } = await writer.append(Buffer.from(text));
    // Unbuffered: what was printed before the kill has arrived.
    writeSync(1, `${index} ${text}\n`);
    if (Math.random() < 0.01) await writer.publish();
  }
};
await Promise.all(Array.from({ length: 8 }, (_, name) => caller(name)));
