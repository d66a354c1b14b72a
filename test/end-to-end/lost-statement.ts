import type { Answer, Noticed } from "./tampering.ts";

// What is said when the log holds a statement that the store has lost or altered.

const lost = (kind: string): RegExp => new RegExp(`log holds a ${kind} of .* but the store has lost or altered it`);
/** By the gate. */
export const gateLost = (kind: string): Noticed => ({ command: "gate", exit: 1, code: "INTEGRITY", says: lost(kind) });
/** By the gateway. */
export const answerLost = (kind: string): Answer => ({ status: 503, code: "UNDECIDED", says: lost(kind) });
