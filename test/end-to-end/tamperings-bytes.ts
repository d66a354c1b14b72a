import { cpSync, rmSync } from "node:fs";
import { demo } from "./demo-home.ts";
import type { Answer, Noticed, Tampering } from "./tampering.ts";
import { blobFile, cutOff, flipByte, inStore } from "./tampering-tools.ts";

const model = (home: string): string => blobFile(home, demo.proven, "model.onnx");
const changed = (what: string): RegExp => new RegExp(`stored bytes of model\\.onnx were changed: .*${what}`);
const blobNoticed = (says: RegExp): readonly Noticed[] => [
  { command: "checkout", exit: 1, code: "INTEGRITY", says },
  { command: "store verify", exit: 1, says },
  { command: "export", exit: 1, code: "INTEGRITY", says },
];
const blobAnswer = (says: RegExp): Answer => ({ status: 503, code: "INTEGRITY", says });
/** With the encrypted bytes and their keys. */
export const bytesTamperings: readonly Tampering[] = [
  {
    title: "a bit of a stored blob flipped",
    tamper: (home) => flipByte(model(home)),
    noticed: blobNoticed(changed("encrypted bytes were changed or cut off")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob cut short",
    tamper: (home) => cutOff(model(home), 20),
    noticed: blobNoticed(changed("encrypted bytes were changed or cut off")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob deleted",
    tamper: (home) => rmSync(model(home)),
    noticed: blobNoticed(/stored bytes of model\.onnx are missing/),
    answer: blobAnswer(/are missing/),
    intact: ["dataset", "log"],
  },
  {
    title: "a stored blob swapped for another model's",
    tamper: (home) => cpSync(blobFile(home, demo.unproven, "model.onnx"), model(home)),
    noticed: blobNoticed(changed("encrypted bytes")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "the wrapped key of another object",
    tamper: (home) =>
      inStore(home, (db) => {
        const of = "version = ? and path = 'model.onnx'";
        db.prepare(`update objects set header = (select header from objects where ${of}) where ${of}`).run(
          demo.unproven,
          demo.proven,
        );
      }),
    noticed: blobNoticed(changed("encrypted bytes")),
    answer: blobAnswer(changed("encrypted bytes")),
    intact: ["dataset", "log"],
  },
  {
    title: "blob and wrapped key of another model together",
    tamper: (home) =>
      inStore(home, (db) => {
        const of = "version = ? and path = 'model.onnx'";
        const { blob_key, header } = db.prepare(`select * from objects where ${of}`).get(demo.unproven) as {
          blob_key: string;
          header: Uint8Array;
        };
        db.prepare(`delete from objects where ${of}`).run(demo.unproven);
        db.prepare(`update objects set blob_key = ?, header = ? where ${of}`).run(blob_key, header, demo.proven);
      }),
    noticed: blobNoticed(changed("longer than registered")),
    answer: blobAnswer(changed("longer than registered")),
    intact: ["dataset", "log"],
  },
];
