// Starts the serving processes of the home named on the command line, says who they are, and waits to be killed.
import { startServing } from "../supervise.ts";

const serving = await startServing({ home: process.argv[2] ?? "" });
process.stdout.write(`${JSON.stringify(serving.state())}\n`);
