/** How a field's values are stored. A list of numbers may be packed into one length-delimited field. */
export type FieldType = "int" | "fixed32" | "fixed64" | "string" | "bytes" | "message" | "group";

/** A field of a message type. */
export interface FieldSchema {
  readonly name: string;
  readonly type: FieldType;
  readonly many: boolean;
  /** For messages. */
  readonly of?: () => MessageSchema;
}

/** A message type: what is known of its fields. */
export interface MessageSchema {
  readonly name: string;
  readonly fields: ReadonlyMap<number, FieldSchema>;
}

type Spelled = string | readonly [string, () => MessageSchema];

/**
 * A message type from a table of field numbers: `"name: type"`, with `*` after the type for repeated fields, or
 * `["name", () => type]` / `["name*", () => type]` for messages.
 */
export function message(name: string, table: { readonly [number: number]: Spelled }): MessageSchema {
  const fields = new Map<number, FieldSchema>();
  for (const [number, spelled] of Object.entries(table)) {
    if (typeof spelled === "string") {
      const [field = "", type = ""] = spelled.split(": ");
      fields.set(Number(number), { name: field, type: type.replace("*", "") as FieldType, many: type.endsWith("*") });
    } else {
      const [field, of] = spelled;
      fields.set(Number(number), { name: field.replace("*", ""), type: "message", many: field.endsWith("*"), of });
    }
  }
  return { name, fields };
}

/** The entry type of a map field. */
export function mapEntry(key: FieldType, value: FieldType | (() => MessageSchema)): () => MessageSchema {
  const entry = message("entry", {
    1: `key: ${key}`,
    2: typeof value === "string" ? `value: ${value}` : ["value", value],
  });
  return () => entry;
}
