import { adoptStoreKey, nextStoreKey } from "../../app/home/store-keys.ts";
import { exitCodes } from "../../kit/errors.ts";
import { command } from "../command.ts";
import { homeOption, withHome } from "../with-home.ts";

export default command({
  name: "keys rotate-store",
  summary: "wrap the keys of everything stored for a new store key",
  details:
    "The stored bytes themselves stay as they are. Safe to interrupt and to run again. The old key is kept in keys/store.older.age: older backups need it.",
  options: [homeOption],
  run: (call) =>
    withHome(call, async (home) => {
      const next = nextStoreKey(home.layout);
      const { rewrapped, to } = await home.registry.rotateStoreKey(next);
      adoptStoreKey(home.layout, next);
      call.print(`wrapped the keys of ${rewrapped} stored files for ${to}`);
      call.emit({ to, rewrapped });
      return exitCodes.clean;
    }),
});
