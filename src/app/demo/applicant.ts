import { fail } from "../../kit/errors.ts";

/** An inference request as the Open Inference Protocol wants it. */
export interface InferRequest {
  readonly inputs: readonly {
    readonly name: string;
    readonly datatype: string;
    readonly shape: readonly number[];
    readonly data: readonly (number | string)[];
  }[];
}

/**
 * The request that asks for a decision about one applicant: a row of the example's CSV, one named input per raw column the
 * model's encoding declares. Other columns (row number, protected attributes, the answer) are left out.
 * @param csv text of a CSV file with a header and without quoted fields
 */
export function applicantRequest(
  csv: string,
  encoding: { readonly columns: readonly { readonly column: string; readonly kind: string }[] },
  row: number,
): InferRequest {
  const [header = "", ...lines] = csv.split(/\r?\n/);
  const names = header.split(",");
  const values = lines[row]?.split(",") ?? fail("NOT_FOUND", `The example has no row ${row}`);
  return {
    inputs: encoding.columns.map(({ column, kind }) => {
      const text = values[names.indexOf(column)] ?? fail("MALFORMED", `The example's rows have no column "${column}"`);
      return {
        name: column,
        datatype: kind === "number" ? "FP32" : "BYTES",
        shape: [1],
        data: [kind === "number" ? Number(text) : text],
      };
    }),
  };
}
