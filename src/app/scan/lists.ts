// The checks and readers of this installation, as one module that a worker thread can be told to load.
export { checkIndex } from "../checks.gen.ts";
export { readers } from "../../scan/readers.gen.ts";
