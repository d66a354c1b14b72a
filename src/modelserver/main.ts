import { runModelServerProcess } from "../app/processes/modelserver.ts";
import { startModelServer } from "./server.ts";

await runModelServerProcess(startModelServer);
