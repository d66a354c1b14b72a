import { expect, test } from "vitest";
import type { CatalogueFile } from "./catalogue.ts";
import { builtInCatalogue, openCatalogue, rules, stateRules } from "./catalogue.ts";
import { catalogueJson } from "./catalogue.gen.ts";
import { findClass } from "./find-class.ts";

const files = JSON.parse(catalogueJson) as readonly CatalogueFile[];

test("every group has a reason, known conditions and names that can be looked up", () => {
  expect(files.length).toBeGreaterThan(20);
  for (const { library, groups } of files) {
    for (const group of groups) {
      expect(group.why.length, library).toBeGreaterThan(10);
      if (group.rule !== undefined) expect(rules).toContain(group.rule);
      if (group.state !== undefined) expect(stateRules).toContain(group.state);
      for (const [module, names] of Object.entries(group.names)) {
        expect(module).toMatch(/^[\w.()]+$/);
        for (const name of names.split(" ")) expect(name, `${library} ${module}`).toMatch(/^(?:\*|[\w.]+)$/);
      }
    }
  }
});

test("what executes is known for what it does, and a listed name is found", () => {
  expect(builtInCatalogue.find("os", "system")).toMatchObject({ use: "never", effect: "execution" });
  expect(builtInCatalogue.find("subprocess", "Popen")).toMatchObject({ use: "never", effect: "execution" });
  expect(builtInCatalogue.find("urllib.request", "urlopen")).toMatchObject({ use: "never", effect: "input-output" });
  expect(builtInCatalogue.find("collections", "OrderedDict")).toMatchObject({ use: "call", effect: "pure" });
  expect(builtInCatalogue.find("sklearn.linear_model._logistic", "LogisticRegression")).toMatchObject({ use: "new" });
});

test("a name that is not listed is not known, however harmless its module", () => {
  expect(builtInCatalogue.find("numpy", "core.os.system")).toBeUndefined();
  expect(builtInCatalogue.find("collections", "OrderedDict.__init__")).toBeUndefined();
  expect(builtInCatalogue.find("nowhere", "at_all")).toBeUndefined();
});

test("names inherited from objects of JavaScript are not known", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    expect(builtInCatalogue.find(name, name)).toBeUndefined();
    expect(findClass(2, name, name)).toEqual({ module: name, name });
  }
});

test("an unwanted module outweighs learned lists, and a name written by hand outweighs the module", () => {
  const group = { why: "for this test" };
  const catalogue = openCatalogue([
    { library: "a", learned: true, namespaces: [], groups: [{ ...group, use: "new", names: { "m.sub": "A B" } }] },
    { library: "b", learned: false, namespaces: [], groups: [{ ...group, effect: "execution", names: { m: "*" } }] },
    { library: "c", learned: false, namespaces: [], groups: [{ ...group, use: "call", names: { "m.sub": "B" } }] },
  ]);
  expect(["A", "B", "x"].map((name) => catalogue.find("m.sub", name)?.use)).toEqual(["never", "call", "never"]);
});

test("below protocol 3 the names of Python 2 are those of Python 3", () => {
  expect(findClass(2, "__builtin__", "eval")).toEqual({ module: "builtins", name: "eval" });
  expect(findClass(0, "copy_reg", "_reconstructor")).toEqual({ module: "copyreg", name: "_reconstructor" });
  expect(findClass(1, "itertools", "imap")).toEqual({ module: "builtins", name: "map" });
  expect(findClass(3, "__builtin__", "eval")).toEqual({ module: "__builtin__", name: "eval" });
});
