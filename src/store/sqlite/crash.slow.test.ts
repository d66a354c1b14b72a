import { test } from "vitest";
import { crashRounds } from "./crash-rounds.ts";

test("two hundred kills at random moments lose nothing that was acknowledged", () => crashRounds(200));
