import { openLogReader } from "../../ledger/reader.ts";
import { openLogWriter } from "../../ledger/writer.ts";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePrivateKey, signerOf } from "../../seal/keys.ts";
import { diskBlobs } from "../../store/blobs/disk.ts";
import { openSqliteRepository } from "../../store/sqlite/open.ts";
import type { RegistryOptions, StoreKey } from "../context.ts";
import { openRegistry } from "../registry.ts";
import { filesOf, logOrigin, verdict } from "./home.ts";

// The process the crash test kills: works on the home in argv[2], saying on standard output what it is about to do and, once the
// registry acknowledged it, that it is done. Everything it needs is derived from the round's number in argv[3].

/** Opens the home that {@link "./crash.ts".crashHome} made. */
export async function crashOptions(dir: string): Promise<RegistryOptions> {
  const key = async (name: string) => signerOf(await parsePrivateKey(readFileSync(join(dir, name))));
  const logSigner = await key("log.pem");
  const clock = { now: () => Date.now() };
  const log = join(dir, "log");
  return {
    repository: await openSqliteRepository({ path: join(dir, "store.db"), clock }),
    blobs: diskBlobs(join(dir, "blobs")),
    openLog: () => openLogWriter({ dir: log, origin: logOrigin, signer: logSigner, clock }),
    readLog: async () => openLogReader(log),
    signer: await key("signer.pem"),
    storeKey: JSON.parse(readFileSync(join(dir, "store-key.json"), "utf8")) as StoreKey,
    clock,
  };
}

async function work(dir: string, round: number): Promise<never> {
  const registry = await openRegistry(await crashOptions(dir));
  const tenant = "default";
  const step = async <T>(what: string, ref: string, act: () => Promise<T>): Promise<T> => {
    process.stdout.write(`begin ${what} ${ref}\n`);
    const result = await act();
    process.stdout.write(`done ${what} ${ref}\n`);
    return result;
  };
  for (let i = 0; ; i++) {
    const register = (
      kind: "model" | "dataset",
      part: string,
      inputs: { digest: `sha256:${string}`; role: string }[] = [],
    ) => {
      const content = `${round} ${i} ${part}`;
      const files = filesOf({ "a.bin": content.repeat(3000), "b.txt": content });
      return step("register", content.replaceAll(" ", "-"), () =>
        registry.register({
          tenant,
          kind,
          name: kind === "model" ? "m" : "d",
          files,
          inputs,
          facts: { ref: content.replaceAll(" ", "-") },
        }),
      );
    };
    const data = await register("dataset", "data");
    const a = await register("model", "a", [{ digest: data.digest, role: "training-data" }]);
    const b = await register("model", "b");
    for (const row of [a, b]) {
      const { digest } = await verdict(registry, row);
      await step("promote", row.digest, () =>
        registry.promote({ tenant, name: "m", alias: "prod", version: row.digest, verdict: digest }),
      );
    }
    await step("rollback", a.digest, () => registry.rollback({ tenant, name: "m", alias: "prod" }));
    await step("revoke", data.digest, () => registry.revoke({ tenant, version: data.digest, why: "crash test" }));
    await step("erase", b.digest, () => registry.erase({ tenant, version: b.digest, why: "crash test" }));
  }
}

const [, script, dir, round] = process.argv;
if (script !== undefined && import.meta.filename === script && dir !== undefined) await work(dir, Number(round));
