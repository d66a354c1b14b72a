import { test } from "vitest";
import { crashRounds } from "./crash-rounds.ts";

test("whatever was acknowledged before SIGKILL is there, whole and in order", () => crashRounds(4));
