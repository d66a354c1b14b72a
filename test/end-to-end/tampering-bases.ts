import { serve, succeed } from "./castellan-process.ts";
import { demo, type DemoHomes } from "./demo-home.ts";
import type { Bases } from "./tampering.ts";

/** Brings copies of the demo's home into those states. */
export async function tamperingBases(homes: DemoHomes): Promise<Bases> {
  const after = async (...args: string[]): Promise<string> => {
    const home = homes.copy();
    await succeed([...args, "--home", home]);
    return home;
  };
  const killed = await after("kill", "model", "credit", "--why", "drill");
  const killedAndSeen = homes.copy(killed);
  await (await serve(killedAndSeen)).stop();
  return {
    original: homes.original,
    bothProven: homes.bothProven,
    revoked: await after("revoke", `credit@${demo.proven}`, "--why", "drill"),
    revokedDataset: await after("revoke", `german-credit@${demo.dataset}`, "--why", "drill"),
    erasedDataset: await after("erase", `german-credit@${demo.dataset}`, "--why", "drill"),
    killed,
    killedAndSeen,
  };
}
