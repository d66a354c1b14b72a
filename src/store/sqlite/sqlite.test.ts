import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repositoryContract } from "../contract.ts";
import { openSqliteRepository } from "./open.ts";

repositoryContract("SQLite", async () => {
  const folder = mkdtempSync(join(tmpdir(), "castellan-store-"));
  return {
    open: (options) => openSqliteRepository({ path: join(folder, "home", "store.db"), clock: Date, ...options }),
    remove: async () => rmSync(folder, { recursive: true }),
  };
});
