import { runGatewayProcess } from "../app/processes/gateway.ts";
import { startGateway } from "./gateway.ts";

await runGatewayProcess(startGateway);
