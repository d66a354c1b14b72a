import { expect } from "vitest";
import { serve, until } from "./castellan-process.ts";
import { decide } from "./credit-requests.ts";
import type { Tampering } from "./tampering.ts";

/** Starts a gateway on a tampered home and expects the answer that the tampering deserves. */
export async function expectAnswer({ answer }: Tampering, home: string): Promise<void> {
  if (answer !== "serves" && answer.status === 0) {
    await expect(serve(home)).rejects.toThrow(answer.says);
    return;
  }
  await using server = await serve(home);
  const ready = (status: number): boolean => (answer === "serves" ? status === 200 : status !== 200);
  const decision = await until(
    () => decide(server.url),
    ({ status }) => ready(status),
    5000,
  );
  if (answer === "serves") {
    expect(decision).toMatchObject({ status: 200, error: undefined });
    return;
  }
  expect([decision.status, decision.granted]).toEqual([answer.status, []]);
  if (answer.code !== undefined) expect(decision.error?.code).toBe(answer.code);
  if (answer.says) expect(decision.error?.message).toMatch(answer.says);
  // Refused for good, not by chance: asked again it is the same.
  expect((await decide(server.url)).status).toBe(answer.status);
}
