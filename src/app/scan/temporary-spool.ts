import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Spool } from "../../scan/unpack.ts";
import { ioError } from "../home/durable-file.ts";
import { descriptorSource } from "./file-source.ts";

/** Spools to temporary files that have no name any more once they are open, so that nothing is left behind however we end. */
export function temporarySpool(): Spool {
  return {
    create() {
      const folder = attempt(() => mkdtempSync(join(tmpdir(), "castellan-scan-")));
      const location = join(folder, "spool");
      const descriptor = attempt(() =>
        openSync(location, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600),
      );
      const named = process.platform === "win32";
      if (!named) rmSync(folder, { recursive: true });
      let size = 0;
      return {
        write(bytes) {
          for (let done = 0; done < bytes.length; ) {
            done += attempt(() => writeSync(descriptor, bytes, done, bytes.length - done, size + done));
          }
          size += bytes.length;
        },
        source: () => descriptorSource(descriptor, size, location),
        discard() {
          closeSync(descriptor);
          if (named) rmSync(folder, { recursive: true, force: true });
        },
      };
    },
  };
}

function attempt<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw ioError(error, "temporary file");
  }
}
