import { fail } from "../../kit/errors.ts";
import type { Body, Expression, Parameter, Statement, Target } from "./ast.ts";
import { ExpressionParser } from "./expressions.ts";
import { tokenize } from "./tokens.ts";
import type { Token } from "./tokens.ts";

/**
 * The statements of a Jinja template: the language of Jinja 3 with the loop controls and `do` extensions, and the `generation`
 * tag of Transformers.
 * @throws MALFORMED for what Jinja would not compile; UNSUPPORTED for tags of other extensions; LIMIT for size and depth
 */
export function parseTemplate(text: string): Body {
  const parser = new TemplateParser(tokenize(text));
  return parser.template();
}

class TemplateParser extends ExpressionParser {
  template(): Body {
    const body = this.#body([]);
    if (!this.is("end")) this.wrong("the end");
    return body;
  }

  /** Statements up to a tag named in `ends`, whose "{%" and name are taken. */
  #body(ends: readonly string[]): Body {
    return this.nested(() => {
      const statements: Statement[] = [];
      for (;;) {
        const { kind, text, at } = this.token;
        if (kind === "data") {
          this.advance();
          statements.push({ kind: "text", text, at });
        } else if (kind === "end") {
          if (ends.length > 0) this.wrong(ends.join(" or "));
          return statements;
        } else if (kind === "open" && text === "{{") {
          this.advance();
          const value = this.tuple();
          this.expect("close", "}}");
          statements.push({ kind: "output", value, at });
        } else if (kind === "open") {
          this.advance();
          if (this.is("name") && ends.includes(this.token.text)) return statements;
          statements.push(this.#statement());
        } else this.wrong("a tag");
      }
    });
  }

  /** The body of a block up to `{% endname %}`, which is taken too. */
  #block(end: string): Body {
    const body = this.#body([end]);
    this.advance();
    if (end === "endmacro" || end === "endblock" || end === "endcall") this.take("name");
    this.#close();
    return body;
  }

  #close(): void {
    this.expect("close", "%}");
  }

  #statement(): Statement {
    const tag = this.expect("name");
    const { at } = tag;
    switch (tag.text) {
      case "if":
        return this.#if(at);
      case "for":
        return this.#for(at);
      case "set":
        return this.#set(at);
      case "macro": {
        const name = this.expect("name").text;
        const parameters = this.#parameters();
        this.#close();
        return { kind: "macro", name, parameters, body: this.#block("endmacro"), at };
      }
      case "call": {
        const parameters = this.is("operator", "(") ? this.#parameters() : [];
        const call = this.expression();
        this.#close();
        return { kind: "call-block", parameters, call, body: this.#block("endcall"), at };
      }
      case "filter": {
        let filter = this.filter(undefined, true);
        while (this.is("operator", "|")) filter = this.filter(filter);
        this.#close();
        return { kind: "filter-block", filter, body: this.#block("endfilter"), at };
      }
      case "with":
        return this.#with(at);
      case "generation":
        this.#close();
        return { kind: "scope", tag: tag.text, body: this.#block("endgeneration"), at };
      case "autoescape":
        this.expression();
        this.#close();
        return { kind: "scope", tag: tag.text, body: this.#block("endautoescape"), at };
      case "block":
        while (this.is("name")) this.advance();
        this.#close();
        return { kind: "scope", tag: tag.text, body: this.#block("endblock"), at };
      case "do":
      case "print": {
        const value = this.tuple();
        this.#close();
        return { kind: tag.text === "do" ? "do" : "output", value, at };
      }
      case "break":
      case "continue":
        this.#close();
        return { kind: "leave", tag: tag.text, at };
      case "include":
      case "import":
      case "extends":
      case "from":
        return this.#load(tag);
      default:
        return fail("UNSUPPORTED", {
          message: `The template uses the tag "${tag.text.slice(0, 40)}", which Jinja itself does not have`,
          where: `character ${at}`,
        });
    }
  }

  #if(at: number): Statement {
    const branches: { test: Expression; body: Body }[] = [];
    for (;;) {
      const test = this.tuple();
      this.#close();
      const body = this.#body(["elif", "else", "endif"]);
      branches.push({ test, body });
      const next = this.advance().text;
      if (next === "elif") continue;
      this.#close();
      return { kind: "if", branches, otherwise: next === "else" ? this.#block("endif") : [], at };
    }
  }

  #for(at: number): Statement {
    const target = this.target();
    this.expect("name", "in");
    const over = this.tuple(true);
    const test = this.take("name", "if") ? this.expression() : undefined;
    this.take("name", "recursive");
    this.#close();
    const body = this.#body(["else", "endfor"]);
    const next = this.advance().text;
    this.#close();
    return { kind: "for", target, over, test, body, otherwise: next === "else" ? this.#block("endfor") : [], at };
  }

  #set(at: number): Statement {
    const target = this.target();
    if (this.take("operator", "=")) {
      const value = this.tuple();
      this.#close();
      return { kind: "set", target, value, at };
    }
    let filter: Expression | undefined;
    while (this.is("operator", "|")) filter = this.filter(filter);
    this.#close();
    return { kind: "capture", target, filter, body: this.#block("endset"), at };
  }

  #with(at: number): Statement {
    const values: { target: Target; value: Expression }[] = [];
    while (!this.is("close")) {
      if (values.length > 0) this.expect("operator", ",");
      const target = this.target();
      this.expect("operator", "=");
      values.push({ target, value: this.expression() });
    }
    this.#close();
    return { kind: "with", values, body: this.#block("endwith"), at };
  }

  #parameters(): Parameter[] {
    this.expect("operator", "(");
    const parameters: Parameter[] = [];
    while (!this.take("operator", ")")) {
      if (parameters.length > 0) {
        this.expect("operator", ",");
        if (this.take("operator", ")")) break;
      }
      const name = this.expect("name").text;
      parameters.push({ name, standard: this.take("operator", "=") ? this.expression() : undefined });
    }
    return parameters;
  }

  #load(tag: Token): Statement {
    const template = this.expression();
    const names: string[] = [];
    // What follows ("as x", "import a as b, c", "with context", "ignore missing") only matters for the names it brings in.
    while (!this.is("close", "%}")) {
      const token = this.advance();
      if (token.kind === "end") this.wrong("%}");
      if (
        token.kind === "name" &&
        !["as", "import", "with", "without", "context", "ignore", "missing"].includes(token.text)
      ) {
        names.push(token.text);
      }
    }
    this.#close();
    return { kind: "load", tag: tag.text, template, names, at: tag.at };
  }
}
