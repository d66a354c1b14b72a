// Toy checks that do what the lines of a TOY tell them: find, throw, hang, flood, hog.
import { finding } from "../../../core/check.ts";
import { severities } from "../../../core/finding.ts";
import type { CheckEntry } from "../../../scan/check-list.ts";
import { check } from "../../../scan/check.ts";
import type { AssetCheck } from "../../../scan/check.ts";

export { readers } from "./toy-readers.ts";

const about = { severity: "high", refs: ["cwe:502", "https://example.org/toy"], fix: "Do not play with it." } as const;

const find = check({
  ...about,
  id: "toys/find",
  asks: "toy",
  title: "The toy says so",
  *see({ structure: { lines } }) {
    let offset = 0;
    for (const [index, line] of lines.entries()) {
      const [, severity, rest = ""] = /^find (\w+)(?: ([^#]*[^#\s]))?/.exec(line) ?? [];
      const worst = severities.find((name) => name === severity);
      const at = { offset, startLine: index + 1, startColumn: 1 };
      if (worst) yield finding({ at, why: `line ${index + 1} asks for it`, evidence: rest, severity: worst });
      if (line.startsWith("keyed ")) yield finding({ at, why: "keyed", key: line });
      offset += line.length + 1;
    }
  },
});

const throwing = check({
  ...about,
  id: "toys/throw",
  asks: "toy",
  title: "Throws",
  *see({ structure: { lines } }) {
    if (!lines.includes("throw")) return;
    yield finding({ why: "seen before it broke" });
    (undefined as unknown as () => void)();
  },
});

const hanging = check({
  ...about,
  id: "toys/hang",
  asks: "toy",
  title: "Hangs",
  *see({ structure: { lines } }) {
    if (lines.includes("hang")) for (;;);
    if (lines.includes("backtrack")) yield finding({ why: `${/^(a+)+$/.test(`${"a".repeat(64)}b`)}` });
  },
});

const flooding = check({
  ...about,
  id: "toys/flood",
  asks: "toy",
  title: "Floods",
  *see({ structure: { lines } }) {
    if (lines.includes("flood"))
      for (let count = 0; count < 50_000; count++) yield { why: "drop", at: { offset: count } };
    if (lines.includes("flood forever")) for (let count = 0; ; count++) yield { why: "drop", at: { offset: count } };
    if (lines.includes("flood")) yield { why: "the one under the flood", severity: "critical" };
  },
});

const hogging = check({
  ...about,
  id: "toys/hog",
  asks: "toy",
  title: "Hogs memory",
  // oxlint-disable-next-line require-yield -- it never gets that far
  *see({ structure: { lines } }) {
    const hoard: unknown[] = [];
    if (lines.includes("hog heap")) for (;;) hoard.push(Array.from({ length: 500_000 }, () => 0.5));
    if (lines.includes("hog buffers")) for (;;) hoard.push(Buffer.alloc(16 * 1024 * 1024, 1));
    if (lines.includes("exit")) process.exit(7);
  },
});

const named = check({
  ...about,
  id: "toys/named",
  asks: "model-file",
  title: "Is called after something else",
  severity: "medium",
  *see({ structure: { expected, formats } }) {
    const fits = formats.some(({ kind }) => expected.some((other) => other.kind === kind));
    if (expected.length > 0 && formats.length > 0 && !fits)
      yield finding({ why: "name and content differ", key: "name" });
  },
});

const connected = check({
  ...about,
  id: "toys/connected",
  asks: "toy",
  title: "Needs a network",
  needs: ["network"],
  *see() {
    yield finding({ why: "online", severity: "info" });
  },
});

const checks: readonly AssetCheck[] = [find, throwing, hanging, flooding, hogging, named, connected];

export const checkIndex: readonly CheckEntry[] = checks.map((check) => ({
  id: check.id,
  asks: check.asks,
  title: check.title,
  severity: check.severity,
  needs: check.needs ?? [],
  load: () => Promise.resolve(check),
}));
