import { firstTables } from "./0001-first-tables.ts";
import type { Migration } from "./migration.ts";

/** All migrations in order: the one at index n leads from format n to format n + 1. Never edit one that was released; append. */
export const storeMigrations: readonly Migration[] = [firstTables];
