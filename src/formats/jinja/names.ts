/**
 * What a chat template may use. Everything here was looked at for what it can reach; what is not here is reported as unknown.
 * Sources: Jinja's builtin filters and tests, and what Transformers, vLLM and llama.cpp add when they render chat templates.
 */

/** Functions that templates find without defining them. All are pure, except for `raise_exception`, which only stops. */
export const knownFunctions: ReadonlySet<string> = new Set([
  "range", // bounded: judged by its arguments
  "dict", // a dictionary of its keyword arguments
  "namespace", // a dictionary that loops can write to
  "cycler", // walks round its arguments
  "joiner", // a text that is empty the first time
  "lipsum", // filler text; its arguments only set the amount
  "raise_exception", // Transformers: ends rendering with a message
  "strftime_now", // Transformers: the current date as text
  "strftime", // older runtimes: the same
  "tojson", // some runtimes offer the filter as a function too
]);

/** Variables that runtimes pass in and that hold no objects with behaviour. */
export const builtInObjects: ReadonlySet<string> = new Set(["loop", "caller", "super", "self", "varargs", "kwargs"]);

/** Pure filters: their results depend on their arguments only, and they call nothing. */
export const knownFilters: ReadonlySet<string> = new Set(
  (
    "abs batch bool capitalize center count d default dictsort e escape filesizeformat first float forceescape format from_json " +
    "fromjson groupby indent int items join keys last length list lower lstrip map max min pprint random reject rejectattr replace " +
    "reverse round rstrip safe select selectattr slice sort split string strip striptags sum title to_json tojson trim truncate " +
    "unique upper urlencode urlize values wordcount wordwrap xmlattr attr"
  ).split(" "),
);

/** Filters whose first argument, or `attribute`, names an attribute path. */
export const attributeFilters: ReadonlySet<string> = new Set([
  "selectattr",
  "rejectattr",
  "groupby",
  "sum",
  "sort",
  "unique",
  "min",
  "max",
  "map",
  "join",
  "dictsort",
]);

/** Pure tests. */
export const knownTests: ReadonlySet<string> = new Set(
  (
    "boolean callable contains defined divisibleby endingwith eq equalto escaped even false filter float ge greaterthan gt in " +
    "integer iterable le lessthan lower lt mapping ne none number odd sameas sequence startingwith string test true undefined upper"
  ).split(" "),
);

/** Methods of text, lists and dictionaries that only compute, or change a list or dictionary of the template's own. */
export const pureMethods: ReadonlySet<string> = new Set(
  (
    "append capitalize casefold center clear copy count cycle endswith expandtabs extend find format get index insert isalnum " +
    "isalpha isascii isdecimal isdigit isidentifier islower isnumeric isspace istitle isupper items join keys length ljust lower " +
    "lstrip next partition pop removeprefix removesuffix remove replace reset reverse rfind rindex rjust rpartition rsplit rstrip " +
    "setdefault sort split splitlines startswith strip swapcase title update upper values zfill changed isoformat strftime tojson"
  ).split(" "),
);

/** Attributes of frames, code, generators and classes that Jinja's own sandbox refuses besides those with a leading underscore. */
export const internalAttributes: ReadonlySet<string> = new Set(
  (
    "mro func_closure func_code func_dict func_defaults func_globals im_class im_func im_self gi_frame gi_code gi_yieldfrom " +
    "cr_frame cr_code cr_await ag_frame ag_code ag_await f_back f_builtins f_code f_globals f_locals tb_frame tb_next co_code co_consts"
  ).split(" "),
);

/** Names under which participants' words arrive. */
export const conversationRoots =
  /^(?:messages?|conversations?|history|chat_history|turns?|dialog(?:ue)?|documents?|query|prompt|user_(?:message|input|prompt|content)|system_message|content|text)$/;

/** Fields of a message or document that hold words, not structure. */
export const contentNames: ReadonlySet<string> = new Set(
  "content text value parts input output prompt query question instruction response message reasoning_content thinking body title snippet data".split(
    " ",
  ),
);
