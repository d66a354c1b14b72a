import Type from "typebox";
import { Compile } from "typebox/compile";
import { parseJson } from "../../kit/json.ts";
import { maxInputs } from "../../models/infer-protocol.ts";
import { refuse } from "../refusal.ts";
import type { CheckStep } from "../stages.ts";

const parameters = Type.Optional(Type.Record(Type.String(), Type.Unknown()));

/** The frame of an inference request; the tensors' contents are the model server's to check. */
const inferBody = Type.Object({
  id: Type.Optional(Type.String({ maxLength: 1024 })),
  parameters,
  inputs: Type.Array(
    Type.Object({
      name: Type.String({ minLength: 1, maxLength: 1024 }),
      datatype: Type.String({ minLength: 1, maxLength: 16 }),
      shape: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: 8 }),
      data: Type.Optional(Type.Array(Type.Unknown())),
      parameters,
    }),
    { minItems: 1, maxItems: maxInputs },
  ),
  outputs: Type.Optional(
    Type.Array(Type.Object({ name: Type.String({ minLength: 1, maxLength: 1024 }), parameters }), {
      maxItems: maxInputs,
    }),
  ),
});

/** Reads the JSON of an inference request before anything is forwarded, and checks its frame with a compiled schema. */
export function parseInfer(): CheckStep {
  const validator = Compile(inferBody);
  return {
    name: "open-inference-json",
    run(exchange) {
      const { headers } = exchange.head;
      if (headers["content-encoding"] !== undefined && headers["content-encoding"] !== "identity") {
        refuse(415, "UNSUPPORTED", {
          message: "Compressed request bodies are not taken",
          next: "Send it without Content-Encoding.",
        });
      }
      const headerLength = headers["inference-header-content-length"];
      const type = headers["content-type"];
      // A web page can post text/plain to this machine unasked, but not JSON: the type is part of the defence.
      const wanted =
        headerLength === undefined ? /^application\/json\s*(?:;|$)/i : /^application\/(?:json|octet-stream)\s*(?:;|$)/i;
      if (type === undefined || !wanted.test(type)) {
        refuse(415, "UNSUPPORTED", {
          message: "The body is not declared as JSON",
          next: "Send Content-Type: application/json.",
        });
      }
      let json = exchange.body;
      if (headerLength !== undefined) {
        const length =
          typeof headerLength === "string" && /^\d{1,10}$/.test(headerLength) ? Number(headerLength) : Number.NaN;
        if (!(length <= json.length)) {
          refuse(400, "MALFORMED", { message: "Inference-Header-Content-Length is not a length within the body" });
        }
        exchange.headerLength = length;
        json = json.subarray(0, length);
      }
      const body = parseJson(json, "The request body");
      if (validator.Check(body)) return;
      const [first] = validator.Errors(body);
      refuse(400, "MALFORMED", {
        message: `The request body is not an inference request: ${first?.message ?? "its form is wrong"}`,
        where: first?.instancePath || "/",
        next: 'Send {"inputs":[{"name":…,"datatype":…,"shape":[…],"data":[…]}]}.',
      });
    },
  };
}
