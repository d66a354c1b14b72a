import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExchangeIo } from "../serve/pipeline.ts";
import { Refusal } from "../serve/refusal.ts";
import { bodyTooLarge } from "../serve/steps/limits.ts";

/** How long a refused request may go on sending before its connection is dropped, so that it still gets to read why. */
const lingerMs = 1000;

/** An exchange over a node:http request and response. */
export class SocketIo implements ExchangeIo {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #expectsContinue: boolean;

  constructor(request: IncomingMessage, response: ServerResponse, expectsContinue: boolean) {
    this.#request = request;
    this.#response = response;
    this.#expectsContinue = expectsContinue;
    request.on("error", ignore); // a reset shows as "close" too, where it is dealt with
    response.on("error", ignore);
  }

  readBody(maxBytes: number): Promise<Uint8Array> {
    const request = this.#request;
    if (this.#expectsContinue) this.#response.writeContinue();
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      let length = 0;
      const stop = (error: Error): void => {
        request.off("data", take).off("end", finish).off("close", broken);
        reject(error);
      };
      const take = (chunk: Buffer): void => {
        length += chunk.length;
        if (length > maxBytes) stop(bodyTooLarge(maxBytes));
        else chunks.push(chunk);
      };
      const finish = (): void => {
        request.off("close", broken);
        resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, length));
      };
      const broken = (): void => stop(new Refusal(400, "MALFORMED", { message: "The request body ended early" }));
      request.on("data", take).once("end", finish).once("close", broken);
    });
  }

  writeHead(status: number, headers: readonly string[]): void {
    this.#response.writeHead(status, headers as string[]);
  }

  write(chunk: Uint8Array | string): boolean {
    return this.#response.write(chunk);
  }

  onceDrained(resume: () => void): void {
    this.#response.once("drain", resume);
  }

  end(chunk?: Uint8Array | string): void {
    this.#response.end(chunk);
    const request = this.#request;
    if (request.complete) return;
    // The rest of the request is read and thrown away for a moment: closing at once would reset the connection and
    // destroy the answer on its way (RFC 9112 §9.6).
    request.resume();
    const timer = setTimeout(() => request.socket.destroy(), lingerMs);
    request.once("close", () => clearTimeout(timer));
  }

  destroy(): void {
    const { socket } = this.#response;
    if (!socket) return;
    // Let what was written leave, then drop the connection without the end mark of the message.
    if (socket.writableLength === 0) socket.destroy();
    else socket.end(() => socket.destroy());
  }

  onAbandoned(abort: () => void): void {
    this.#response.once("close", () => {
      if (!this.#response.writableFinished) abort();
    });
  }
}

function ignore(): void {}
