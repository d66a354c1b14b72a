// The import law as data. A room may import rooms on lower floors and, on its own floor, only rooms listed before it.
// Life rooms import none of each other. `test/architecture` walks every import and holds the code to this table.

/** Floors from the ground up; within a floor, order matters unless `isolated`. */
export const floors = [
  { name: "base", rooms: ["kit", "core", "formats", "numeric", "detect", "models", "perturb", "dp", "seal", "report"] },
  { name: "trust", rooms: ["ledger", "store", "identity", "registry", "gate", "scan"] },
  {
    name: "life",
    isolated: true,
    rooms: ["data", "train", "evaluate", "supply", "serve", "watch", "respond", "govern", "people"],
  },
  { name: "faces", rooms: ["app", "modelserver", "gateway", "api", "cli"] },
];

/** Rooms that touch no file, socket, clock or environment: bytes, time and ports are passed in. */
export const pureRooms = [
  "kit",
  "core",
  "formats",
  "numeric",
  "detect",
  "models",
  "perturb",
  "dp",
  "seal",
  "report",
  "gate",
];

/** Node modules and globals a pure room may not use. */
export const impureModules = [
  "fs",
  "fs/promises",
  "net",
  "http",
  "https",
  "http2",
  "tls",
  "dgram",
  "dns",
  "child_process",
  "cluster",
  "worker_threads",
  "os",
  "sqlite",
  "process",
  "timers",
  "timers/promises",
];

/**
 * May a file in room `from` import a file in room `to`?
 * @param {string} from @param {string} to @returns {boolean}
 */
export function mayImport(from, to) {
  if (from === to) return true;
  const place = (room) => {
    for (const [floor, { rooms }] of floors.entries()) {
      const index = rooms.indexOf(room);
      if (index >= 0) return { floor, index };
    }
    return undefined;
  };
  const a = place(from);
  const b = place(to);
  if (!a || !b) return false;
  if (b.floor < a.floor) return true;
  if (b.floor > a.floor) return false;
  return !floors[a.floor].isolated && b.index < a.index;
}
