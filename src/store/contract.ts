import { describe } from "vitest";
import { assetContract } from "./contract/assets.ts";
import { connectionContract } from "./contract/connections.ts";
import { recordContract } from "./contract/records.ts";
import type { MakeStore } from "./contract/subject.ts";
import { textContract } from "./contract/text.ts";
import { transactionContract } from "./contract/transactions.ts";

/** What every implementation of the {@link "./repository.ts".Repository} must do, as tests on stores `open` makes. */
export function repositoryContract(name: string, open: MakeStore): void {
  describe(`a store in ${name}`, () => {
    describe("assets", () => assetContract(open));
    describe("records", () => recordContract(open));
    describe("transactions", () => transactionContract(open));
    describe("connections", () => connectionContract(open));
    describe("text", () => textContract(open));
  });
}
