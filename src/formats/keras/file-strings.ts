import type { JsonMember } from "../model-config/json-node.ts";

/** Settings of Keras layers that are opened as files when they are text. */
const opened = new Set([
  "vocabulary",
  "idf_weights",
  "filepath",
  "file_path",
  "filename",
  "file",
  "proto",
  "merges",
  "path",
  "url",
  "origin",
]);
const address = /^(?:[a-z][a-z0-9+.-]{1,20}:\/\/|\\\\|file:)/i;

/** What loading would open because of `member`, in words; undefined when nothing. */
export function opensFile({ key, value }: JsonMember): { why: string; remote: boolean; certain: boolean } | undefined {
  if (value.kind !== "string" || value.text === "") return undefined;
  const remote = address.test(value.text);
  const certain = opened.has(key);
  if (!certain && !remote) return undefined;
  const what = remote ? "an address" : "a path";
  const why = certain
    ? `${JSON.stringify(key)} is ${what}, which loading opens on the machine of whoever loads the model`
    : `${JSON.stringify(key.slice(0, 60))} holds an address`;
  return { why, remote, certain };
}
