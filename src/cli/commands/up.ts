import { readFileSync } from "node:fs";
import { relative, resolve } from "node:path";
import type { Settings } from "../../app/config/settings.ts";
import { type DemoState, setUpDemo } from "../../app/demo/credit-demo.ts";
import { type HomeLayout, homeLayout } from "../../app/home/layout.ts";
import { homeOptionsOf, openHome } from "../../app/home/open.ts";
import { clearRunState, readRunState, writeRunState } from "../../app/processes/run-file.ts";
import { keepCosigned } from "../../app/processes/witnessing.ts";
import { type ServingState, startServing } from "../../app/processes/supervise.ts";
import { hexOfDigest } from "../../kit/digest.ts";
import { exitCodes, fail } from "../../kit/errors.ts";
import { tint } from "../../report/text/table.ts";
import { command, type Invocation } from "../command.ts";
import { settingsOf } from "../home-option.ts";
import { watchLauncher } from "../launcher.ts";
import { homeOption, policyOption } from "../with-home.ts";

export default command({
  name: "up",
  summary: "run everything on this machine: registry, gateway, model server",
  details: [
    "  castellan up --demo     the credit-scoring demo, in a home of its own (.castellan/demo)",
    "  castellan up            your own home (made by castellan init)",
    "",
    "Stops on Ctrl-C. With --json one line is printed when everything is ready: {gateway, home, pid}.",
  ].join("\n"),
  options: [
    { flags: "--demo", help: "set up and serve the credit-scoring demo" },
    { flags: "--port <n>", help: "the gateway's port, 0 for any free one (default 8080)" },
    { flags: "--host <address>", help: "the gateway's address (default 127.0.0.1)" },
    policyOption,
    homeOption,
  ],
  async run(call) {
    const { settings, warnings } = settingsOf(call);
    for (const warning of warnings) call.note(`note: ${warning}`);
    const demo = call.options["demo"] === true;
    const chosen = call.options["home"] ?? call.env["CASTELLAN_HOME"];
    const root = demo && typeof chosen !== "string" ? resolve(call.cwd, ".castellan", "demo") : settings.home;
    const layout = homeLayout(root);
    const running = readRunState(layout);
    if (running)
      fail("CONFLICT", {
        message: `This home is being served already, by process ${running.pid} at ${running.gateway}`,
        where: root,
        next: "Use it, stop it first, or choose another home with --home.",
      });
    const state = demo ? await setUpDemo(root, teller(call)) : undefined;
    const homeOptions = demo ? {} : homeOptionsOf(settings);
    if (!demo) await (await openHome(root, homeOptions)).close();
    const startedAt = new Date().toISOString();
    // Known as soon as the gateway is up; restarts keep its address.
    let url: string | undefined;
    const remember = ({ gateway, modelServer }: ServingState): void => {
      url ??= gateway.url;
      if (url !== undefined)
        writeRunState(layout, {
          pid: process.pid,
          gateway: url,
          gatewayPid: gateway.pid,
          modelServerPid: modelServer.pid,
          startedAt,
        });
    };
    const serving = await startServing({
      home: root,
      homeOptions,
      gateway: settings.gateway,
      note: (line) => call.note(line),
      changed: remember,
    }).catch((error: unknown) => portHint(error, settings.gateway.port));
    remember(serving.state());
    if (state) tellHowToUse(call, serving.url, root, state);
    else call.print(`gateway  ${serving.url}   (Ctrl-C stops it)`);
    call.emit({ gateway: serving.url, home: root, pid: process.pid });
    const stopWitnessing = witnessing(call, settings, layout);
    await stopped(call);
    stopWitnessing();
    call.note("stopping");
    await serving.stop();
    clearRunState(layout, process.pid);
    return exitCodes.clean;
  },
});

/** Has the log cosigned by the witnesses of castellan.yaml, if there are any. */
function witnessing(call: Invocation, { log }: Settings, layout: HomeLayout): () => void {
  if (log.witnesses.length === 0) return () => {};
  const vkey = readFileSync(layout.logVkey, "utf8").trim();
  const clock = { now: () => Date.now() };
  const order = { dir: layout.log, vkey, witnesses: log.witnesses, n: log.quorum, timeoutMs: 10_000, clock };
  return keepCosigned(order, (line) => call.note(line));
}

/** Resolves when a person or the launcher wants us to stop. */
function stopped(call: Invocation): Promise<void> {
  return new Promise((done) => {
    // The signal alone does not keep the process alive; neither do the children's channels once they are busy.
    const alive = setInterval(() => {}, 60_000);
    const stop = (): void => {
      clearInterval(alive);
      done();
    };
    if (call.signal.aborted) stop();
    call.signal.addEventListener("abort", stop, { once: true });
    watchLauncher(call.env, stop);
  });
}

function teller(call: Invocation): (step: string, ...details: string[]) => void {
  return (step, first = "", ...more) => {
    call.print(`${tint(step.padEnd(8), step === "refused" ? "open" : "good", call.colour)} ${first}`);
    for (const line of more) call.print(`         ${tint(line, "soft", call.colour)}`);
  };
}

function tellHowToUse(call: Invocation, gateway: string, root: string, { applicant, unproven }: DemoState): void {
  const body = JSON.stringify(applicant);
  const curl = (path: string): string => `curl -s ${gateway}${path} -H 'content-type: application/json' -d '${body}'`;
  call.print(`${tint("gateway ", "good", call.colour)} ${gateway}   (Ctrl-C stops it)`);
  call.print("");
  call.print("Ask for a credit decision (label 1: granted):");
  call.print(`  ${curl("/v2/models/credit/infer")}`);
  call.print("");
  call.print("Ask the unproven model, and read why it does not answer:");
  call.print(`  ${curl(`/v2/models/credit/versions/${hexOfDigest(unproven.digest)}/infer`)}`);
  call.print("");
  const home = relative(call.cwd, root) || ".";
  call.print("Then try, in another terminal:");
  for (const words of [
    "status",
    "lineage credit",
    "kill model credit",
    "resume model credit",
    "export credit ./evidence",
  ]) {
    call.print(`  castellan ${words} --home ${home}`);
  }
}

function portHint(error: unknown, port: number): never {
  const text = error instanceof Error ? error.message : "";
  if (port !== 0 && text.includes("EADDRINUSE")) {
    fail("CONFLICT", {
      message: `Port ${port} is taken by another program`,
      next: "Choose another with --port, or let us take a free one with --port 0.",
    });
  }
  throw error;
}
