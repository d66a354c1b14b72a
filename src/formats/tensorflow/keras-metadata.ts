import { isJsonObject, parseJson } from "../../kit/json.ts";
import { isCastellanError } from "../../kit/errors.ts";
import type { MessageReader, Span } from "../protobuf/read.ts";

const longest = 16 * 1024 * 1024;
const deepest = 64;

/** Looks for Lambda layers in the description of one Keras object: loading the model with Keras runs the code they carry. */
export function judgeKerasMetadata(reader: MessageReader, span: Span & { readonly name: string }): void {
  const length = span.end - span.start;
  if (length > longest) {
    reader.gap({
      why: `the description of a Keras object is ${length} bytes long and was not read`,
      offset: span.start,
    });
    return;
  }
  reader.meter.hold(3 * length);
  try {
    const text = Buffer.from(reader.window.bytes(span.start, length)).toString("utf8");
    // Names of functions and generic objects carry no description at all.
    if (/^\s*\{/.test(text)) find(parseJson(text, "The description of a Keras object"), 0);
  } catch (error) {
    if (!isCastellanError(error, "MALFORMED")) throw error;
    reader.gap({ why: "the description of a Keras object is not JSON", offset: span.start, length });
  } finally {
    reader.meter.hold(-3 * length);
  }

  function find(value: unknown, depth: number): void {
    if (depth > deepest) {
      reader.gap({ why: "the description of a Keras object is nested too deeply", offset: span.start, length });
      return;
    }
    reader.meter.tick();
    if (Array.isArray(value)) for (const item of value) find(item, depth + 1);
    else if (isJsonObject(value)) {
      const { class_name: className, config } = value;
      if (className === "Lambda" || className === "__lambda__") {
        const settings = isJsonObject(config) ? config : {};
        const stored =
          settings["function_type"] === "lambda" || Array.isArray(settings["function"]) || className === "__lambda__";
        const layer = typeof settings["name"] === "string" ? ` ${JSON.stringify(settings["name"].slice(0, 80))}` : "";
        reader.flaw({
          rule: "keras-lambda",
          severity: stored ? "critical" : "high",
          why: stored
            ? `the Lambda layer${layer} carries Python code that Keras runs when it loads the model`
            : `the Lambda layer${layer} names a Python function that Keras looks up and runs when it loads the model`,
          offset: span.start,
          length,
        });
      }
      for (const item of Object.values(value)) find(item, depth + 1);
    }
  }
}
