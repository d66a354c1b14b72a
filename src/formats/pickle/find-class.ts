import { python2Modules, python2Names } from "./python2-names.gen.ts";

const modules = new Map<string, string>(Object.entries(python2Modules));
const names = new Map<string, string>(Object.entries(python2Names));

/** A global as Python 3 looks it up. */
export interface Resolved {
  readonly module: string;
  readonly name: string;
}

/**
 * Where `find_class` looks: below protocol 3 the names of Python 2 become those of Python 3 (`_compat_pickle`). A dotted
 * name is a path of attributes from protocol 4 on, and one attribute with dots in its name before.
 */
export function findClass(protocol: number, module: string, name: string): Resolved {
  if (protocol >= 3) return { module, name };
  const pair = names.get(`${module} ${name}`);
  if (pair !== undefined) {
    const [newModule, newName] = pair.split(" ");
    return { module: newModule!, name: newName! };
  }
  return { module: modules.get(module) ?? module, name };
}
