/** What a UBJSON document holds; the typed containers that XGBoost writes become typed arrays. */
export type Ubjson =
  | string
  | number
  | boolean
  | null
  | readonly Ubjson[]
  | Uint8Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Float32Array
  | Float64Array
  | { readonly [key: string]: Ubjson };

/** Reads UBJSON (draft 12), as XGBoost's `save_model("model.ubj")` writes it. Throws a RangeError or SyntaxError on anything else. */
export function parseUbjson(bytes: Uint8Array): Ubjson {
  const reader = new Reader(bytes);
  const value = reader.value(reader.marker());
  return value;
}

const text = new TextDecoder();
const NOOP = "N";

class Reader {
  private readonly view: DataView;
  private readonly bytes: Uint8Array;
  private at = 0;
  private depth = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  marker(): string {
    let marker = NOOP;
    while (marker === NOOP) marker = String.fromCharCode(this.view.getUint8(this.at++));
    return marker;
  }

  value(marker: string): Ubjson {
    switch (marker) {
      case "{":
        return this.nested(() => this.object());
      case "[":
        return this.nested(() => this.array());
      case "S":
        return this.string();
      case "C":
        return String.fromCharCode(this.view.getUint8(this.at++));
      case "T":
        return true;
      case "F":
        return false;
      case "Z":
        return null;
      default:
        return this.number(marker);
    }
  }

  private nested<T>(read: () => T): T {
    if (++this.depth > 64) throw new SyntaxError("it is nested too deeply");
    const value = read();
    this.depth--;
    return value;
  }

  private number(marker: string): number {
    const { view } = this;
    const at = this.at;
    switch (marker) {
      case "i":
        return ((this.at += 1), view.getInt8(at));
      case "U":
        return ((this.at += 1), view.getUint8(at));
      case "I":
        return ((this.at += 2), view.getInt16(at));
      case "l":
        return ((this.at += 4), view.getInt32(at));
      case "L":
        return ((this.at += 8), Number(view.getBigInt64(at)));
      case "d":
        return ((this.at += 4), view.getFloat32(at));
      case "D":
        return ((this.at += 8), view.getFloat64(at));
      default:
        throw new SyntaxError(`there is no type ${JSON.stringify(marker)} (byte ${at - 1})`);
    }
  }

  private length(): number {
    const length = this.number(this.marker());
    if (!(length >= 0 && length <= this.bytes.length)) throw new RangeError(`a length of ${length} (byte ${this.at})`);
    return length;
  }

  private string(): string {
    const length = this.length();
    if (this.at + length > this.bytes.length) throw new RangeError("it ends inside a text");
    this.at += length;
    return text.decode(this.bytes.subarray(this.at - length, this.at));
  }

  /** `$type` and `#count` after an opening bracket, when they are there. */
  private header(): { readonly type: string | undefined; readonly count: number | undefined; readonly first: string } {
    let first = this.marker();
    let type: string | undefined;
    if (first === "$") {
      type = String.fromCharCode(this.view.getUint8(this.at++));
      first = this.marker();
      if (first !== "#") throw new SyntaxError("a typed container has no count");
    }
    if (first !== "#") return { type, count: undefined, first };
    return { type, count: this.length(), first };
  }

  private array(): Ubjson {
    const { type, count, first } = this.header();
    if (type !== undefined && count !== undefined) return this.typed(type, count);
    const items: Ubjson[] = [];
    if (count !== undefined) {
      for (let i = 0; i < count; i++) items.push(this.value(this.marker()));
      return items;
    }
    for (let marker = first; marker !== "]"; marker = this.marker()) items.push(this.value(marker));
    return items;
  }

  private object(): { readonly [key: string]: Ubjson } {
    const { type, count, first } = this.header();
    // Without a prototype, so that a key such as "__proto__" is only a key.
    const members: { [key: string]: Ubjson } = Object.create(null) as { [key: string]: Ubjson };
    if (count !== undefined) {
      for (let i = 0; i < count; i++) {
        const key = this.string();
        members[key] = this.value(type ?? this.marker());
      }
      return members;
    }
    for (let marker = first; marker !== "}"; marker = this.marker()) {
      const length = this.number(marker);
      this.at += length;
      const key = text.decode(this.bytes.subarray(this.at - length, this.at));
      members[key] = this.value(this.marker());
    }
    return members;
  }

  private typed(type: string, count: number): Ubjson {
    const make = ARRAYS[type];
    if (!make) {
      const items: Ubjson[] = [];
      for (let i = 0; i < count; i++) items.push(this.value(type));
      return items;
    }
    const width = WIDTHS[type] ?? 1;
    if (this.at + count * width > this.bytes.length) throw new RangeError("it ends inside an array");
    const items = make(count);
    for (let i = 0; i < count; i++) items[i] = this.number(type);
    return items;
  }
}

type Numbers = Int8Array | Uint8Array | Int16Array | Int32Array | Float32Array | Float64Array;
const WIDTHS: Record<string, number> = { i: 1, U: 1, I: 2, l: 4, L: 8, d: 4, D: 8 };
const ARRAYS: Record<string, (count: number) => Numbers> = {
  i: (count) => new Int8Array(count),
  U: (count) => new Uint8Array(count),
  I: (count) => new Int16Array(count),
  l: (count) => new Int32Array(count),
  L: (count) => new Float64Array(count),
  d: (count) => new Float32Array(count),
  D: (count) => new Float64Array(count),
};
