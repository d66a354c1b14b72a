import { open, readFile, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { fromBase64, toBase64 } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { jsonArray, jsonObject, jsonString, parseJson } from "../kit/json.ts";
import type { KillMirror } from "./ports.ts";

const maxBytes = 16 * 1024 * 1024;

/**
 * The kill switch's file: `{"v":1,"epoch":N,"statements":[base64 DSSE envelope, …]}`, one statement per scope and target.
 * An absent file is an empty one. Writing replaces it atomically and durably.
 */
export function fileKillMirror(path: string): KillMirror {
  return {
    title: "kill-epoch.json",
    async stamp() {
      const found = await stat(path, { bigint: true }).catch(absentIsNone);
      return found ? `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}` : "absent";
    },
    async read() {
      const found = await stat(path).catch(absentIsNone);
      if (!found) return [];
      if (found.size > maxBytes) fail("LIMIT", `kill-epoch.json is larger than ${maxBytes} bytes`);
      const json = jsonObject(parseJson(await readFile(path), "kill-epoch.json", maxBytes), "kill-epoch.json");
      if (json["v"] !== 1) fail("UNSUPPORTED", "kill-epoch.json has a version this program does not know");
      return jsonArray(json["statements"], "kill-epoch.json: statements").map((statement) =>
        fromBase64(jsonString(statement, "kill-epoch.json: a statement"), "kill-epoch.json: a statement"),
      );
    },
    async write(epoch, statements) {
      const temporary = `${path}.${process.pid}.new`;
      const file = await open(temporary, "w", 0o600);
      try {
        await file.writeFile(`${JSON.stringify({ v: 1, epoch, statements: statements.map(toBase64) })}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      const folder = await open(dirname(path), "r");
      try {
        await folder.sync(); // the rename itself must survive a power cut
      } finally {
        await folder.close();
      }
    },
  };
}

function absentIsNone(error: unknown): undefined {
  if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
  throw error;
}
