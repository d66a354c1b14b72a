import { expect, test } from "vitest";
import { moment } from "../contract/rows.ts";
import { openPostgresRepository } from "./open.ts";
import { startPostgres } from "./test-server.ts";

test("a server of our own starts without being root, keeps a store, and stops", async () => {
  const server = await startPostgres();
  if (!server) {
    if (process.env["CI"] === "true") throw new Error("not run: PostgreSQL absent");
    console.log("not run: PostgreSQL absent");
    return;
  }
  try {
    const repository = await openPostgresRepository({ url: server.url });
    await repository.addTenant("acme", moment);
    await repository.close();
    const again = await openPostgresRepository({ url: server.url, readOnly: true });
    expect(await again.tenants()).toEqual(["acme"]);
    await again.close();
  } finally {
    await server.stop();
  }
  await expect(openPostgresRepository({ url: server.url })).rejects.toMatchObject({ code: "UNAVAILABLE" });
});
