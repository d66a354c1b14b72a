import type { ErrorCode } from "../../kit/errors.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { Repository } from "../repository.ts";
import { moment } from "./rows.ts";

/** A store made for one test. */
export interface TestStore {
  /** Another connection to the same store. */
  open(options?: { readonly readOnly?: boolean }): Promise<Repository>;
  /** Removes the store; called when all its connections are closed. */
  remove(): Promise<void>;
}

/** Makes an empty store, or says that this machine cannot (undefined): then the contract's tests pass without running. */
export type MakeStore = () => Promise<TestStore | undefined>;

/** What a test of the contract gets: a connection to a fresh store with tenant "default", and a way to open more. */
export type ContractTest = (
  repository: Repository,
  another: (options?: { readonly readOnly?: boolean }) => Promise<Repository>,
) => Promise<void>;

/** Runs `test` on a fresh store that is removed afterwards. */
export async function onFreshStore(make: MakeStore, test: ContractTest): Promise<void> {
  const store = await make();
  if (!store) return;
  const opened: Repository[] = [];
  const open = async (options?: { readonly readOnly?: boolean }) => {
    const repository = await store.open(options);
    opened.push(repository);
    return repository;
  };
  try {
    const repository = await open();
    await repository.addTenant("default", moment);
    await test(repository, open);
  } finally {
    for (const repository of opened) await repository.close();
    await store.remove();
  }
}

/** Resolves to the code a promise fails with; "no error" when it does not fail. */
export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | "no error" | "foreign error"> {
  try {
    await promise;
    return "no error";
  } catch (error) {
    return isCastellanError(error) ? error.code : "foreign error";
  }
}
