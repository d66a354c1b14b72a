import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { utf8 } from "../kit/bytes.ts";
import { dvcFault, hashForDvc, parseDvc } from "./dvc.ts";
import type { DataFile } from "./register-dvc.ts";
import { model, once, type TestHome, testHome } from "./testing/home.ts";

const md5 = (text: string) => createHash("md5").update(text).digest("hex");
const parse = (text: string) => parseDvc(utf8(text), "data.dvc");

describe("reading a .dvc file", () => {
  it("finds what DVC 3 writes", () => {
    expect(
      parse("outs:\n- md5: 1b16a4bd7f7c6a6a05cb0a1f5e6b6f5e\n  size: 37891850\n  hash: md5\n  path: data.xml\n"),
    ).toEqual([
      {
        path: "data.xml",
        md5: "1b16a4bd7f7c6a6a05cb0a1f5e6b6f5e",
        folder: false,
        size: 37_891_850,
        unixLineEnds: false,
      },
    ]);
  });

  it("finds folders, and the files of DVC before version 3", () => {
    const [out] = parse(
      "md5: abc\nouts:\n- md5: f437247ec66d73ba66b0ade0246fcb49.dir\n  nfiles: 2\n  path: data\n  cache: true\n",
    );
    expect(out).toMatchObject({ folder: true, nfiles: 2, unixLineEnds: true, md5: "f437247ec66d73ba66b0ade0246fcb49" });
  });

  it("takes digests of digits, and ones that look like numbers, as the text they are", () => {
    for (const digest of [
      "12345678901234567890123456789012",
      "1e345678901234567890123456789012",
      "00000000000000000000000000000007",
    ])
      expect(parse(`outs: [{md5: ${digest}, path: x}]`)[0]?.md5).toBe(digest);
  });

  it.each([
    ["no YAML", "outs: [", "MALFORMED"],
    ["no outputs", "outs: []", "MALFORMED"],
    ["something else", "- a\n- b\n", "MALFORMED"],
    ["an output without path", `outs: [{md5: ${"a".repeat(32)}}]`, "MALFORMED"],
    ["a path that climbs out", `outs: [{md5: ${"a".repeat(32)}, path: ../../etc/passwd}]`, "MALFORMED"],
    ["a short digest", "outs: [{md5: abcd, path: x}]", "MALFORMED"],
    ["a digest that is a list", "outs: [{md5: [a], path: x}]", "MALFORMED"],
    ["a size that is none", `outs: [{md5: ${"a".repeat(32)}, path: x, size: many}]`, "MALFORMED"],
    ["a key twice", `outs: [{md5: ${"a".repeat(32)}, path: x, path: y}]`, "MALFORMED"],
    ["data in a bucket", "outs: [{etag: x, path: s3://bucket/x}]", "UNSUPPORTED"],
    ["data without MD5", "outs: [{etag: x, path: x}]", "UNSUPPORTED"],
    ["a megabyte of nothing", `${" ".repeat(1024 * 1024)}\n`, "LIMIT"],
    [
      "aliases that multiply",
      `a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c]\nouts: [*d,*d,*d,*d,*d]\n`,
      "LIMIT",
    ],
  ])("refuses %s", (_, text, code) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code }));
  });
});

describe("data beside a .dvc file", () => {
  const out = (text: string) => parse(`outs: [${text}]`)[0]!;

  it("is recognized by DVC's own published folder digest", async () => {
    // https://stackoverflow.com/questions/60527213: files "1" and "2" holding their name and a line feed.
    const files = [await hashForDvc("2", once(utf8("2\n"))), await hashForDvc("1", once(utf8("1\n")))];
    expect(dvcFault(out("{md5: f437247ec66d73ba66b0ade0246fcb49.dir, path: data}"), files)).toBeUndefined();
    expect(dvcFault(out("{md5: f437247ec66d73ba66b0ade0246fcb49.dir, path: data, nfiles: 3}"), files)).toContain("3");
    files[0] = await hashForDvc("2", once(utf8("3\n")));
    expect(dvcFault(out("{md5: f437247ec66d73ba66b0ade0246fcb49.dir, path: data}"), files)).toContain("listing");
  });

  it("is hashed with Unix line ends where DVC did that, wherever the chunks are cut", async () => {
    const text = "a\r\nb\rc\r\r\nd\n\r";
    const unix = md5("a\nb\rc\r\nd\n\r");
    for (let cut = 0; cut <= text.length; cut++) {
      const file = await hashForDvc("", once(utf8(text.slice(0, cut)), utf8(text.slice(cut))));
      expect(file).toMatchObject({ md5: md5(text), unixMd5: unix, size: text.length });
      expect(dvcFault(out(`{md5: ${unix}, path: x}`), [file])).toBeUndefined();
      expect(dvcFault(out(`{md5: ${unix}, hash: md5, path: x}`), [file])).toContain("MD5");
    }
  });

  it("may have names outside of ASCII, which Python escapes", async () => {
    const file = await hashForDvc("dätä/模.txt", once(utf8("x")));
    const listing = `[{"md5": "${md5("x")}", "relpath": "d\\u00e4t\\u00e4/\\u6a21.txt"}]`;
    expect(dvcFault(out(`{md5: ${md5(listing)}.dir, path: d}`), [file])).toBeUndefined();
  });
});

describe("a .dvc file as an input", () => {
  let home: TestHome;
  beforeAll(async () => {
    home = await testHome();
  });
  afterAll(() => home.close());

  const input = (content: string | undefined) => ({
    tenant: "default",
    name: "raw",
    fileName: "raw.csv.dvc",
    bytes: utf8(`outs:\n- md5: ${md5("a,b\n")}\n  size: 4\n  hash: md5\n  path: raw.csv\n`),
    ...(content === undefined
      ? {}
      : {
          async *beside(): AsyncGenerator<DataFile> {
            yield { path: "", open: () => once(utf8(content)) };
          },
        }),
  });

  it("is not registered when the data beside it is not what DVC recorded", async () => {
    await expect(home.registry.registerDvc(input("a,X\n"))).rejects.toMatchObject({
      code: "INTEGRITY",
      where: "raw.csv",
    });
    expect(await home.repository.versions()).toEqual([]);
  });

  it("is registered without data, checked when it is there, and named by what is made from it", async () => {
    const { version, check } = await home.registry.registerDvc(input(undefined));
    expect(check).toBeUndefined();
    expect(version.facts).toMatchObject({ external: "dvc", outs: [{ path: "raw.csv", md5: md5("a,b\n"), size: 4 }] });
    const checked = await home.registry.registerDvc(input("a,b\n"));
    expect(checked.version.digest).toBe(version.digest);
    expect(checked.check).toMatchObject({ predicateType: "urn:castellan:dvc-check:v1", subjects: [version.digest] });
    const made = await model(home.registry, "m", "x", { inputs: [{ digest: version.digest, role: "external" }] });
    const { edges } = await home.registry.lineage("default", made.digest);
    expect(edges).toEqual([{ from: version.digest, to: made.digest, role: "external" }]);
  });
});
