/** Reads the JSON of an event pattern and remembers where each token ended, because AWS's errors say it. */
export type Node =
  | {
      readonly kind: "object";
      readonly entries: readonly { readonly key: string; readonly value: Node }[];
      readonly at: number;
      readonly end: number;
    }
  | { readonly kind: "array"; readonly items: readonly Node[]; readonly at: number; readonly end: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number; readonly end: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number; readonly end: number }
  | { readonly kind: "literal"; readonly value: boolean | null; readonly at: number; readonly end: number };

/** What is wrong with a pattern, and where. */
export class PatternError extends Error {
  constructor(reason: string, source: string, offset: number) {
    super(
      `${reason}\n at [Source: (String)"${excerpt(source)}"; line: ${lineOf(source, offset)}, column: ${columnOf(source, offset)}]`,
    );
    this.name = "PatternError";
  }
}

export function parsePatternJson(source: string): Node {
  const reader = new Reader(source);
  const node = reader.value();
  reader.end();
  return node;
}

/** AWS: the parser it uses shows the first 500 characters. Seen in the parser's (Jackson's) messages. */
function excerpt(source: string): string {
  return source.length <= 500 ? source : `${source.slice(0, 500)}"[truncated ${source.length - 500} chars]`;
}

function lineOf(source: string, offset: number): number {
  return source.slice(0, offset).split("\n").length;
}

function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf("\n", offset - 1) + 1) + 1;
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy;
const WORD = /[^\s,\]}:"[{]+/y;
const MAX_DEPTH = 100;

class Reader {
  readonly #source: string;
  #at = 0;
  #depth = 0;

  constructor(source: string) {
    this.#source = source;
  }

  value(): Node {
    this.#space();
    const start = this.#source[this.#at];
    if (start === "{") return this.#object();
    if (start === "[") return this.#array();
    if (start === '"') return this.#string();
    const number = this.#take(NUMBER);
    if (number !== undefined) return { kind: "number", value: Number(number), at: this.#at, end: this.#at };
    return this.#literal();
  }

  end(): void {
    this.#space();
    if (this.#at < this.#source.length) this.#unexpected("end of the pattern");
  }

  #object(): Node {
    const at = this.#open();
    const entries: { key: string; value: Node }[] = [];
    for (this.#space(); this.#source[this.#at] !== "}"; this.#space()) {
      if (entries.length > 0) this.#expect(",", "comma to separate Object entries");
      this.#space();
      if (this.#source[this.#at] !== '"') this.#unexpected("double-quote to start field name");
      const key = this.#string();
      this.#space();
      this.#expect(":", "a colon to separate field name and value");
      entries.push({ key: key.value, value: this.value() });
    }
    this.#close();
    return { kind: "object", entries, at, end: this.#at };
  }

  #array(): Node {
    const at = this.#open();
    const items: Node[] = [];
    for (this.#space(); this.#source[this.#at] !== "]"; this.#space()) {
      if (items.length > 0) this.#expect(",", "comma to separate Array entries");
      items.push(this.value());
    }
    this.#close();
    return { kind: "array", items, at, end: this.#at };
  }

  #string(): Extract<Node, { kind: "string" }> {
    const at = this.#at + 1;
    const text = this.#take(STRING);
    if (text === undefined)
      throw new PatternError(
        "Unexpected end-of-input: was expecting closing quote for a string value",
        this.#source,
        this.#source.length,
      );
    return { kind: "string", value: JSON.parse(text) as string, at, end: this.#at };
  }

  #literal(): Node {
    const word = this.#take(WORD);
    if (word === "true" || word === "false")
      return { kind: "literal", value: word === "true", at: this.#at, end: this.#at };
    if (word === "null") return { kind: "literal", value: null, at: this.#at, end: this.#at };
    if (word === undefined) return this.#unexpected("a value");
    throw new PatternError(
      `Unrecognized token '${word}': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')`,
      this.#source,
      this.#at,
    );
  }

  #open(): number {
    if (++this.#depth > MAX_DEPTH)
      throw new PatternError(`Document nesting depth exceeds ${MAX_DEPTH}`, this.#source, this.#at);
    return ++this.#at;
  }

  #close(): void {
    this.#depth--;
    this.#at++;
  }

  #space(): void {
    while (this.#at < this.#source.length && " \t\r\n".includes(this.#source[this.#at]!)) this.#at++;
  }

  #take(token: RegExp): string | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.#source)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #expect(character: string, what: string): void {
    if (this.#source[this.#at] !== character) this.#unexpected(what);
    this.#at++;
  }

  #unexpected(expected: string): never {
    const found = this.#source[this.#at];
    if (found === undefined)
      throw new PatternError(`Unexpected end-of-input: was expecting ${expected}`, this.#source, this.#at);
    throw new PatternError(
      `Unexpected character ('${found}' (code ${found.charCodeAt(0)})): was expecting ${expected}`,
      this.#source,
      this.#at + 1,
    );
  }
}
