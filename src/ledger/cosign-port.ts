import { equalBytes } from "../kit/bytes.ts";
import { fail } from "../kit/errors.ts";
import { openCheckpoint } from "./checkpoint.ts";
import type { LogFiles } from "./files.ts";
import type { Integrator } from "./integrator.ts";
import { consistencyProof } from "./merkle.ts";
import { TileReader } from "./tile-reader.ts";

/** What witnesses need to be asked for their signatures. */
export interface CosignRequest {
  /** The checkpoint as signed by the log (and perhaps some witnesses already). */
  readonly note: string;
  /** Its number of entries. */
  readonly size: number;
  /** Proof that it extends the log's first `older` entries. @throws USAGE when `older` exceeds {@link size} */
  readonly consistencyProof: (older: number) => Promise<readonly Uint8Array[]>;
}

/** Gives back the note with witnesses' signature lines added. */
export type Cosign = (request: CosignRequest) => Promise<string>;

/**
 * The published note with the signatures `cosign` collects, published in its place unless a larger one is out by then.
 * @throws INTEGRITY when what comes back is another checkpoint; whatever `cosign` throws
 */
export async function cosignedNote(
  cosign: Cosign,
  integrator: Integrator,
  files: LogFiles,
  vkey: string,
): Promise<string> {
  const note = integrator.note;
  const asked = openCheckpoint(note, vkey);
  const { size } = asked;
  const tiles = new TileReader(files);
  const cosigned = await cosign({
    note,
    size,
    consistencyProof: (older) => consistencyProof(tiles.hashes(size), older, size),
  });
  const answered = openCheckpoint(cosigned, vkey);
  if (answered.size !== size || !equalBytes(answered.root, asked.root))
    fail("INTEGRITY", "the cosigned checkpoint is not the one that was to be cosigned");
  await integrator.exclusively(async () => {
    if (integrator.published === size && integrator.note !== cosigned) await integrator.republish(cosigned);
  });
  return cosigned;
}
