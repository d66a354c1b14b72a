import { cpSync, readdirSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { castellan, succeed } from "./castellan-process.ts";
import { demoHomes } from "./demo-home.ts";
import { cutOff, flipByte } from "./tampering-tools.ts";

test("every single file of an evidence folder: flipped, cut, removed; each is named", async () => {
  using homes = await demoHomes();
  const folder = homes.path("evidence");
  await succeed(["export", "credit", folder, "--home", homes.original]);
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    statSync(join(folder, path)).isFile(),
  );
  expect(files.length).toBeGreaterThan(25);
  const changes = {
    flipped: (path: string) => flipByte(path),
    cut: (path: string) => cutOff(path, 1),
    removed: (path: string) => rmSync(path),
  };
  for (const file of files)
    for (const [how, change] of Object.entries(changes)) {
      const copy = homes.path("copy");
      cpSync(folder, copy, { recursive: true });
      change(join(copy, file));
      const done = await castellan(["verify-evidence", copy, "--trust", homes.original, "--json"]);
      expect([file, how, done.code]).toEqual([file, how, 1]);
      const [layer] = (done.json as { layers: { id: string; outcome: string; detail: string }[] }).layers;
      expect(layer).toMatchObject({ id: "folder", outcome: "fail" });
      // The index cannot name itself by its digest: what is wrong with it is its signature or its form.
      if (file !== "evidence.json") expect(layer?.detail).toContain(`(${file})`);
      rmSync(copy, { recursive: true });
    }
});
