import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A running S3-protocol server for tests: one empty bucket, any key pair `S3RVER` / `S3RVER`. */
export interface S3Server {
  readonly endpoint: string;
  readonly bucket: string;
  close(): Promise<void>;
}

const script = `
const S3rver = require(process.argv[1]);
const server = new S3rver({
  port: 0, address: "127.0.0.1", silent: true, directory: process.argv[2], vhostBuckets: false,
  configureBuckets: [{ name: "blobs" }],
});
server.run().then(({ port }) => console.log(port));
process.stdin.on("end", () => process.exit()).resume();
`;

/**
 * Starts s3rver in a process of its own: its continuation tokens use a cipher that OpenSSL 3 keeps in the legacy provider.
 * It ends with us, since its standard input does.
 */
export async function startS3Server(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), "castellan-s3-"));
  const s3rver = createRequire(import.meta.url).resolve("s3rver");
  const server = spawn(process.execPath, ["--openssl-legacy-provider", "-e", script, s3rver, directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const [line] = (await once(server.stdout, "data")) as [Buffer];
  return {
    endpoint: `http://127.0.0.1:${line.toString().trim()}`,
    bucket: "blobs",
    async close() {
      const ended = once(server, "exit");
      server.stdin.end();
      await ended;
      await rm(directory, { recursive: true });
    },
  };
}
