/** A model's pattern (a Java regular expression, matched against the whole text); undefined when it has no equal here. */
export function compilePattern(pattern: string): RegExp | undefined {
  const cached = compiled.get(pattern);
  if (cached !== undefined || compiled.has(pattern)) return cached;
  const result = build(pattern);
  compiled.set(pattern, result);
  return result;
}

const compiled = new Map<string, RegExp | undefined>();

function build(pattern: string): RegExp | undefined {
  const inline = /^\(\?([ims]+)\)/.exec(pattern);
  const flags = `u${inline?.[1] ?? ""}`;
  // AWS: some models repeat the end of the text, `$ {1,128}`, which means nothing.
  const bare = pattern.slice(inline?.[0].length ?? 0).replaceAll(/\$\{\d+(?:,\d*)?\}/g, "$$");
  try {
    return new RegExp(`^(?:${translate(bare)})$`, flags);
  } catch {
    return undefined;
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  Alnum: "A-Za-z0-9",
  Alpha: "A-Za-z",
  ASCII: "\\x00-\\x7F",
  Blank: " \\t",
  Digit: "0-9",
  Graph: "\\x21-\\x7E",
  Lower: "a-z",
  Print: "\\x20-\\x7E",
  Punct: "!-\\/:-@\\[-`\\{-~",
  Space: "\\s",
  Upper: "A-Z",
  XDigit: "0-9A-Fa-f",
};

/** What Java writes otherwise: POSIX classes, possessive quantifiers, escapes of what needs none. */
function translate(pattern: string): string {
  let result = "";
  let inClass = false;
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i] as string;
    if (char === "\\") {
      const [text, length] = escape(pattern.slice(i), inClass);
      result += text;
      i += length - 1;
    } else if (inClass) {
      if (char === "]") inClass = false;
      result += char === "[" ? "\\[" : char;
    } else if (char === "[") {
      inClass = true;
      result += char;
    } else if (char === "+" && /(?:^|[^\\])[*+?}]$/.test(result)) {
      // Possessive: matches the same texts or fewer; what it forbids (backtracking) only saves time in these models.
      continue;
    } else result += char;
  }
  return result;
}

/** The escape at the start of the text, as this engine writes it, and its length in the pattern. */
function escape(text: string, inClass: boolean): [string, number] {
  const property = /^\\([pP])(?:\{(?:Is)?(\w+)\}|([A-Z]))/.exec(text);
  if (property) {
    const name = property[2] ?? property[3] ?? "";
    const posix = property[1] === "p" ? CLASSES[name] : undefined;
    const translated = posix === undefined ? `\\${property[1]}{${name}}` : inClass ? posix : `[${posix}]`;
    return [translated, property[0].length];
  }
  const next = text[1] ?? "";
  return [plainEscape(next, inClass), 2];
}

function plainEscape(char: string, inClass: boolean): string {
  if (char === "z" || char === "Z") return "$";
  if (char === "A") return "^";
  if (char === "h") return inClass ? " \\t" : "[ \\t]";
  const needed = /[a-zA-Z0-9^$\\.*+?()[\]{}|/]/.test(char) || (inClass && char === "-");
  return needed ? `\\${char}` : char;
}
