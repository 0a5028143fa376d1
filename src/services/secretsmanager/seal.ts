import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Kernel, Live } from "#kernel";
import { notOpened } from "./faults.ts";

/** Encrypts values at rest. `about` is bound to them: a value that was moved to another secret does not open. */
export interface Seal {
  close(value: Uint8Array, about: string): string;
  open(sealed: string, about: string): Buffer;
}

const NONCE = 12;
const TAG = 16;

/** AES-256-GCM with a key of this home, which is made when the first secret is. */
export const seal: Live<Seal> = {
  name: "secretsmanager seal",
  create({ settings }: Kernel) {
    const key = readOrMake(join(settings.home, "secrets.key"));
    return {
      close(value, about) {
        const nonce = randomBytes(NONCE);
        const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(about));
        const text = Buffer.concat([cipher.update(value), cipher.final()]);
        return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64");
      },
      open(sealed, about) {
        const bytes = Buffer.from(sealed, "base64");
        try {
          const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, NONCE));
          decipher.setAAD(Buffer.from(about)).setAuthTag(bytes.subarray(NONCE, NONCE + TAG));
          return Buffer.concat([decipher.update(bytes.subarray(NONCE + TAG)), decipher.final()]);
        } catch {
          throw notOpened();
        }
      },
    };
  },
};

function readOrMake(file: string): Buffer {
  try {
    chmodSync(file, 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    makeKey(file);
  }
  return Buffer.from(readFileSync(file, "utf8"), "hex");
}

/** On the disk before any secret is: a value without its key would be lost. */
function makeKey(file: string): void {
  const fresh = `${file}.${process.pid}`;
  const handle = openSync(fresh, "wx", 0o600);
  writeSync(handle, randomBytes(32).toString("hex"));
  fsyncSync(handle);
  closeSync(handle);
  try {
    linkSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}
