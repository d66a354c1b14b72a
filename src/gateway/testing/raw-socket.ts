import { connect, type Socket } from "node:net";

/** A TCP connection that sends exactly what a test writes. */
export interface RawSocket {
  readonly socket: Socket;
  send(text: string): void;
  /** Everything received so far. */
  received(): string;
  /** Resolves with everything received when `enough` says so or the connection is closed. */
  until(enough: (text: string) => boolean, ms?: number): Promise<string>;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
}

/** Connects to the host and port of `url`. */
export async function rawSocket(url: string): Promise<RawSocket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let text = "";
  let look = (): void => {};
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    look();
  });
  socket.on("error", () => {});
  const closed = new Promise<void>((resolve) => {
    socket.once("close", () => {
      resolve();
      look();
    });
  });
  await new Promise((resolve) => {
    socket.once("connect", resolve);
  });
  return {
    socket,
    send: (what) => void socket.write(what, "latin1"),
    received: () => text,
    closed,
    until: (enough, ms = 5000) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`not received in ${ms} ms; so far: ${text}`)), ms);
        look = () => {
          if (!enough(text) && !socket.destroyed) return;
          clearTimeout(late);
          look = () => {};
          resolve(text);
        };
        look();
      }),
  };
}
