import { createHash, randomBytes, randomUUID } from "node:crypto";

/** The only source of randomness for names and identifiers; tests pass a seeded one. */
export interface Ids {
  uuid(): string;
  /** `length` characters out of `alphabet` (lower-case letters and digits by default). */
  token(length: number, alphabet?: string): string;
}

const LOWER = "abcdefghijklmnopqrstuvwxyz0123456789";

export const randomIds: Ids = {
  uuid: () => randomUUID(),
  token: (length, alphabet = LOWER) => pick(randomBytes(length * 2), length, alphabet),
};

/** The same ids in the same order for the same seed. */
export function seededIds(seed: string): Ids {
  let counter = 0;
  const next = () => createHash("sha512").update(`${seed}:${counter++}`).digest();
  return {
    uuid() {
      const hex = next().toString("hex");
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    token: (length, alphabet = LOWER) => {
      let bytes = next();
      while (bytes.length < length * 2) bytes = Buffer.concat([bytes, next()]);
      return pick(bytes, length, alphabet);
    },
  };
}

function pick(bytes: Buffer, length: number, alphabet: string): string {
  let text = "";
  // Two bytes a character keep the bias of the modulo below one in a thousand.
  for (let i = 0; i < length; i++) text += alphabet[bytes.readUInt16BE(i * 2) % alphabet.length];
  return text;
}
