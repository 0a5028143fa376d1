import { put } from "./compile.ts";

/** A tag that CBOR puts before a value; only tag 1 (seconds since 1970) becomes a Date by itself. */
const EPOCH_SECONDS = 1;
const DEEPEST = 64;

/** RFC 8949 to values: maps are plain objects with text keys, byte strings Buffers. Throws a RangeError when malformed. */
export function decodeCbor(bytes: Uint8Array): unknown {
  const reader = new Reader(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const value = reader.item(0);
  if (!reader.done) throw new RangeError("There are bytes after the value.");
  return value;
}

/** Values to RFC 8949: numbers that are whole become integers, all others doubles; undefined is left out of maps. */
export function encodeCbor(value: unknown): Buffer {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return Buffer.concat(parts);
}

const BREAK = Symbol("break");

class Reader {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  item(depth: number): unknown {
    const value = this.#next(depth);
    if (value === BREAK) throw new RangeError("A break stands where a value should.");
    return value;
  }

  #next(depth: number): unknown {
    if (depth > DEEPEST) throw new RangeError("The value is nested too deeply.");
    const initial = this.#take(1).readUInt8(0);
    const major = initial >> 5;
    const info = initial & 31;
    if (major === 7) return this.#simple(info);
    const length = info === 31 ? undefined : this.#argument(info);
    switch (major) {
      case 0:
        return required(length);
      case 1:
        return negative(required(length));
      case 2:
        return this.#text(length, major);
      case 3:
        return this.#text(length, major).toString("utf8");
      case 4:
        return this.#list(length, depth);
      case 5:
        return this.#map(length, depth);
      default:
        return tagged(required(length), this.item(depth + 1));
    }
  }

  #take(length: number): Buffer {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError("The value ends too early.");
    const part = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return part;
  }

  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info === 24) return this.#take(1).readUInt8(0);
    if (info === 25) return this.#take(2).readUInt16BE(0);
    if (info === 26) return this.#take(4).readUInt32BE(0);
    if (info !== 27) throw new RangeError("A length is not well formed.");
    const value = this.#take(8).readBigUInt64BE(0);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  #simple(info: number): unknown {
    switch (info) {
      case 20:
        return false;
      case 21:
        return true;
      case 22:
      case 23:
        return null;
      case 25:
        return half(this.#take(2).readUInt16BE(0));
      case 26:
        return this.#take(4).readFloatBE(0);
      case 27:
        return this.#take(8).readDoubleBE(0);
      case 31:
        return BREAK;
      default:
        throw new RangeError(`The simple value ${info} is not known.`);
    }
  }

  #text(length: number | bigint | undefined, major: number): Buffer {
    if (length !== undefined) return this.#take(Number(length));
    const parts: Buffer[] = [];
    for (;;) {
      const initial = this.#take(1).readUInt8(0);
      if (initial === 0xff) return Buffer.concat(parts);
      if (initial >> 5 !== major || (initial & 31) === 31)
        throw new RangeError("A part of a string is not well formed.");
      parts.push(this.#take(Number(this.#argument(initial & 31))));
    }
  }

  #list(length: number | bigint | undefined, depth: number): unknown[] {
    const items: unknown[] = [];
    for (let i = 0; length === undefined || i < Number(length); i++) {
      const item = this.#next(depth + 1);
      if (item === BREAK) {
        if (length === undefined) break;
        throw new RangeError("A break stands where a value should.");
      }
      items.push(item);
    }
    return items;
  }

  #map(length: number | bigint | undefined, depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (let i = 0; length === undefined || i < Number(length); i++) {
      const key = this.#next(depth + 1);
      if (key === BREAK && length === undefined) break;
      if (typeof key !== "string") throw new RangeError("A map's key is not text.");
      put(map, key, this.item(depth + 1));
    }
    return map;
  }
}

function required(length: number | bigint | undefined): number | bigint {
  if (length === undefined) throw new RangeError("A number has no length.");
  return length;
}

function negative(value: number | bigint): number | bigint {
  return typeof value === "bigint" || value === Number.MAX_SAFE_INTEGER ? -1n - BigInt(value) : -1 - value;
}

function tagged(tag: number | bigint, value: unknown): unknown {
  if (tag === EPOCH_SECONDS) {
    if (typeof value !== "number") throw new RangeError("A timestamp is not a number.");
    return new Date(Math.round(value * 1000));
  }
  if ((tag === 2 || tag === 3) && value instanceof Uint8Array) {
    const positive = BigInt(`0x${Buffer.from(value).toString("hex") || "0"}`);
    return tag === 2 ? positive : -1n - positive;
  }
  return value;
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function write(value: unknown, parts: Uint8Array[]): void {
  if (typeof value === "string") {
    const text = Buffer.from(value);
    parts.push(head(3, text.length), text);
  } else if (typeof value === "number" || typeof value === "bigint") parts.push(number(value));
  else if (typeof value === "boolean") parts.push(Buffer.of(value ? 0xf5 : 0xf4));
  else if (value === null || value === undefined) parts.push(Buffer.of(0xf6));
  else if (value instanceof Uint8Array) parts.push(head(2, value.length), value);
  else if (value instanceof Date) parts.push(head(6, EPOCH_SECONDS), number(value.getTime() / 1000));
  else if (Array.isArray(value)) {
    parts.push(head(4, value.length));
    for (const item of value) write(item, parts);
  } else writeMap(Object.entries(value as object), parts);
}

function writeMap(entries: [string, unknown][], parts: Uint8Array[]): void {
  const given = entries.filter(([, value]) => value !== undefined);
  parts.push(head(5, given.length));
  for (const [key, value] of given) {
    write(key, parts);
    write(value, parts);
  }
}

function number(value: number | bigint): Buffer {
  const whole = typeof value === "bigint" || (Number.isSafeInteger(value) && !Object.is(value, -0));
  if (whole) return value < 0 ? head(1, typeof value === "bigint" ? -1n - value : -1 - value) : head(0, value);
  const double = Buffer.alloc(9, 0xfb);
  double.writeDoubleBE(value, 1);
  return double;
}

function head(major: number, length: number | bigint): Buffer {
  const first = major << 5;
  if (length < 24) return Buffer.of(first | Number(length));
  if (length < 0x100) return Buffer.of(first | 24, Number(length));
  const [info, size] = length < 0x10000 ? [25, 2] : length < 0x100000000 ? [26, 4] : [27, 8];
  const bytes = Buffer.alloc(1 + size);
  bytes[0] = first | info;
  if (size === 2) bytes.writeUInt16BE(Number(length), 1);
  else if (size === 4) bytes.writeUInt32BE(Number(length), 1);
  else bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}
