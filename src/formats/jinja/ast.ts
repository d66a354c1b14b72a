/** A constant that a template can write. */
export type Constant = string | number | boolean | null;

/** An expression; `at` is its offset in the template's text (UTF-16 code units). */
export type Expression =
  | { readonly kind: "constant"; readonly value: Constant; readonly at: number }
  | { readonly kind: "name"; readonly name: string; readonly at: number }
  | { readonly kind: "list"; readonly items: readonly Expression[]; readonly at: number }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [Expression, Expression])[]; readonly at: number }
  | { readonly kind: "attribute"; readonly of: Expression; readonly name: string; readonly at: number }
  | { readonly kind: "item"; readonly of: Expression; readonly key: Expression; readonly at: number }
  | { readonly kind: "slice"; readonly parts: readonly (Expression | undefined)[]; readonly at: number }
  | { readonly kind: "call"; readonly callee: Expression; readonly with: Arguments; readonly at: number }
  | {
      readonly kind: "filter";
      readonly name: string;
      /** Absent in a `{% filter %}` block, whose input is its body. */
      readonly of: Expression | undefined;
      readonly with: Arguments;
      readonly at: number;
    }
  | {
      readonly kind: "test";
      readonly name: string;
      readonly of: Expression;
      readonly with: Arguments;
      readonly at: number;
    }
  | { readonly kind: "unary"; readonly operator: "not" | "-" | "+"; readonly of: Expression; readonly at: number }
  | {
      readonly kind: "binary";
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    }
  | {
      readonly kind: "choice";
      readonly test: Expression;
      readonly chosen: Expression;
      readonly otherwise: Expression | undefined;
      readonly at: number;
    };

export type BinaryOperator =
  | "or"
  | "and"
  | "=="
  | "!="
  | "<"
  | "<="
  | ">"
  | ">="
  | "in"
  | "not in"
  | "+"
  | "-"
  | "~"
  | "*"
  | "/"
  | "//"
  | "%"
  | "**";

/** Arguments of a call, filter or test. */
export interface Arguments {
  readonly positional: readonly Expression[];
  readonly named: readonly { readonly name: string; readonly value: Expression }[];
  /** `*args` and `**kwargs`. */
  readonly spread: readonly Expression[];
}

/** Where a `set` or `for` puts its value. */
export type Target =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "field"; readonly name: string; readonly field: string }
  | { readonly kind: "many"; readonly targets: readonly Target[] };

/** A parameter of a macro or call block. */
export interface Parameter {
  readonly name: string;
  readonly standard: Expression | undefined;
}

/** A statement of a template, or text between statements. */
export type Statement =
  | { readonly kind: "text"; readonly text: string; readonly at: number }
  | { readonly kind: "output"; readonly value: Expression; readonly at: number }
  | {
      readonly kind: "if";
      readonly branches: readonly { readonly test: Expression; readonly body: Body }[];
      readonly otherwise: Body;
      readonly at: number;
    }
  | {
      readonly kind: "for";
      readonly target: Target;
      readonly over: Expression;
      readonly test: Expression | undefined;
      readonly body: Body;
      readonly otherwise: Body;
      readonly at: number;
    }
  | { readonly kind: "set"; readonly target: Target; readonly value: Expression; readonly at: number }
  | {
      readonly kind: "capture";
      readonly target: Target;
      readonly filter: Expression | undefined;
      readonly body: Body;
      readonly at: number;
    }
  | {
      readonly kind: "macro";
      readonly name: string;
      readonly parameters: readonly Parameter[];
      readonly body: Body;
      readonly at: number;
    }
  | {
      readonly kind: "call-block";
      readonly parameters: readonly Parameter[];
      readonly call: Expression;
      readonly body: Body;
      readonly at: number;
    }
  | { readonly kind: "filter-block"; readonly filter: Expression; readonly body: Body; readonly at: number }
  | {
      readonly kind: "with";
      readonly values: readonly { readonly target: Target; readonly value: Expression }[];
      readonly body: Body;
      readonly at: number;
    }
  /** `generation`, `block`, `autoescape`: their bodies are rendered where they stand. */
  | { readonly kind: "scope"; readonly tag: string; readonly body: Body; readonly at: number }
  | { readonly kind: "do"; readonly value: Expression; readonly at: number }
  | { readonly kind: "leave"; readonly tag: "break" | "continue"; readonly at: number }
  /** `include`, `import`, `from`, `extends`: other templates. */
  | {
      readonly kind: "load";
      readonly tag: string;
      readonly template: Expression;
      readonly names: readonly string[];
      readonly at: number;
    };

export type Body = readonly Statement[];
