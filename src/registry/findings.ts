import { type ErrorCode, isCastellanError } from "../kit/errors.ts";

/** Something stored that is not as it was recorded. */
export interface Problem {
  readonly code: ErrorCode;
  /** The file, statement, alias or version it is about. */
  readonly where: string;
  readonly message: string;
}

/** Collects problems; a check that cannot go on reports why and ends. */
export class Findings {
  readonly problems: Problem[] = [];

  add(where: string, message: string, code: ErrorCode = "INTEGRITY"): void {
    this.problems.push({ code, where, message });
  }

  /** Runs a check; what it throws becomes a problem. */
  async during<T>(where: string, work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      if (!isCastellanError(error)) throw error;
      this.add(error.where ?? where, error.message, error.code);
      return undefined;
    }
  }
}
