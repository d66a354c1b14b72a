/**
 * Matches paths against shell patterns without ever backtracking more than a text's length per star.
 * `*` and `?` stay within one name, `**` as a whole name spans any number of folders, `[a-z]` and `[!a]` are sets, `\` takes the
 * next character literally.
 */
export function globMatches(pattern: string, path: string): boolean {
  return namesMatch(pattern.split("/"), path.split("/"));
}

/** Both sequences of names; `**` takes as few names as possible, and more only from its last occurrence. */
function namesMatch(patterns: readonly string[], names: readonly string[]): boolean {
  let pattern = 0;
  let name = 0;
  let star = -1;
  let resume = 0;
  while (name < names.length) {
    if (pattern < patterns.length && patterns[pattern] === "**") {
      star = pattern++;
      resume = name;
    } else if (pattern < patterns.length && nameMatches(patterns[pattern]!, names[name]!)) {
      pattern++;
      name++;
    } else if (star >= 0) {
      pattern = star + 1;
      name = ++resume;
    } else return false;
  }
  while (patterns[pattern] === "**") pattern++;
  return pattern === patterns.length;
}

/** One name against one pattern without "/". */
export function nameMatches(pattern: string, name: string): boolean {
  let at = 0;
  let place = 0;
  let star = -1;
  let resume = 0;
  while (place < name.length) {
    if (pattern[at] === "*") {
      star = at++;
      resume = place;
      continue;
    }
    const end = at < pattern.length ? oneMatches(pattern, at, name[place]!) : 0;
    if (end > 0) {
      at = end;
      place++;
    } else if (star >= 0) {
      at = star + 1;
      place = ++resume;
    } else return false;
  }
  while (pattern[at] === "*") at++;
  return at === pattern.length;
}

/** Where the pattern goes on after its element at `at` took `character`; 0 when it does not take it. */
function oneMatches(pattern: string, at: number, character: string): number {
  const element = pattern[at]!;
  if (element === "?") return at + 1;
  if (element === "\\" && at + 1 < pattern.length) return pattern[at + 1] === character ? at + 2 : 0;
  if (element === "[") {
    const end = pattern.indexOf("]", pattern[at + 1] === "!" || pattern[at + 1] === "^" ? at + 3 : at + 2);
    if (end > 0) return inSet(pattern.slice(at + 1, end), character) ? end + 1 : 0;
  }
  return element === character ? at + 1 : 0;
}

function inSet(text: string, character: string): boolean {
  const negated = text[0] === "!" || text[0] === "^";
  const set = negated ? text.slice(1) : text;
  let found = false;
  for (let at = 0; at < set.length; at++) {
    if (set[at + 1] === "-" && at + 2 < set.length) {
      found ||= set[at]! <= character && character <= set[at + 2]!;
      at += 2;
    } else found ||= set[at] === character;
  }
  return found !== negated;
}
