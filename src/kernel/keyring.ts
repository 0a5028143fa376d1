import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CauceError, type Ids } from "#core";
import type { AccessKey } from "./authorizer.ts";
import { rootPrincipal } from "./principal.ts";

const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SECRET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The account's own key, made at the first start; in the form of AWS's shared credentials file, mode 0600. */
export function openRootKey(home: string, account: string, ids: Ids): AccessKey & { readonly accessKeyId: string } {
  const file = join(home, "credentials");
  const { accessKeyId, secretAccessKey } = existsSync(file) ? readKey(file) : makeKey(file, home, ids);
  return { accessKeyId, secretAccessKey, principal: rootPrincipal(account, accessKeyId) };
}

function readKey(file: string) {
  chmodSync(file, 0o600);
  const text = readFileSync(file, "utf8");
  const accessKeyId = /^aws_access_key_id\s*=\s*(\S+)/m.exec(text)?.[1];
  const secretAccessKey = /^aws_secret_access_key\s*=\s*(\S+)/m.exec(text)?.[1];
  if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  throw new CauceError({
    code: "CredentialsUnreadable",
    what: `The keys in ${file} cannot be read.`,
    why: "The file lacks aws_access_key_id or aws_secret_access_key.",
    fix: "Remove the file; new keys are made at the next start.",
  });
}

function makeKey(file: string, home: string, ids: Ids) {
  const accessKeyId = `AKIA${ids.token(16, UPPER)}`;
  const secretAccessKey = ids.token(40, SECRET);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const text = `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { accessKeyId, secretAccessKey };
}
