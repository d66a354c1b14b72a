import { readFileSync } from "node:fs";
import { join } from "node:path";
import { applicants, example } from "./demo-home.ts";

interface Column {
  readonly column: string;
  readonly kind: string;
  readonly levels?: readonly string[];
}

interface Input {
  readonly name: string;
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly (number | string)[];
}

const columns = (): readonly Column[] =>
  (JSON.parse(readFileSync(join(example, "encoding.json"), "utf8")) as { columns: Column[] }).columns;

/** Applicants as named raw columns. */
export function byColumns(rows = applicants()): readonly Input[] {
  return columns().map(({ column, kind }) => ({
    name: column,
    datatype: kind === "number" ? "FP32" : "BYTES",
    shape: [rows.length],
    data: rows.map((row) => (kind === "number" ? Number(row[column]) : row[column]!)),
  }));
}

/** Applicants as the model's own FP32 tensor, encoded here as the example's description says. */
export function byTensor(rows = applicants()): readonly Input[] {
  const data = rows.flatMap((row) =>
    columns().flatMap(({ column, levels }) =>
      levels ? levels.map((level) => (row[column] === level ? 1 : 0)) : [Number(row[column])],
    ),
  );
  return [{ name: "input", datatype: "FP32", shape: [rows.length, data.length / rows.length], data }];
}

/** What the gateway answered. */
export interface Decision {
  readonly status: number;
  /** Version that answered. */
  readonly version: string | null;
  /** Probability of label 1, row by row. */
  readonly granted: readonly number[];
  readonly labels: readonly number[];
  readonly error:
    | {
        readonly code: string;
        readonly message: string;
        readonly requirements?: readonly { readonly id: string; readonly reason: string }[];
      }
    | undefined;
}

/** Asks for decisions; one applicant by columns unless told otherwise. */
export async function decide(
  url: string,
  options: {
    readonly inputs?: readonly Input[];
    readonly path?: string;
    readonly headers?: Record<string, string>;
  } = {},
): Promise<Decision> {
  const reply = await fetch(`${url}${options.path ?? "/v2/models/credit/infer"}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...options.headers },
    body: JSON.stringify({ inputs: options.inputs ?? byColumns(applicants().slice(0, 1)) }),
  });
  const body = (await reply.json()) as {
    outputs?: readonly { name: string; data: readonly number[] }[];
    error?: Decision["error"];
  };
  const output = (name: string): readonly number[] => body.outputs?.find((one) => one.name === name)?.data ?? [];
  return {
    status: reply.status,
    version: reply.headers.get("x-castellan-version"),
    granted: output("probabilities").filter((_, i) => i % 2 === 1),
    labels: output("label"),
    error: body.error,
  };
}
