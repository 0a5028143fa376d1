import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord, parseJson } from "#core";

/** Where the server of a home answers, as it wrote down itself: how the command line finds it. */
export interface ServerFile {
  readonly pid: number;
  readonly endpoint: string;
}

export function writeServerFile(home: string, content: ServerFile): { remove(): void } {
  const file = fileIn(home);
  writeFileSync(`${file}.new`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${file}.new`, file);
  return { remove: () => rmSync(file, { force: true }) };
}

export function readServerFile(home: string): ServerFile | undefined {
  const found = parseJson(readText(fileIn(home)));
  return isRecord(found) && typeof found["pid"] === "number" && typeof found["endpoint"] === "string"
    ? (found as unknown as ServerFile)
    : undefined;
}

/** The account's keys, as the server wrote them; undefined before its first start. */
export function readCredentials(home: string): { accessKeyId: string; secretAccessKey: string } | undefined {
  const text = readText(join(home, "credentials"));
  const accessKeyId = /^aws_access_key_id\s*=\s*(\S+)/m.exec(text)?.[1];
  const secretAccessKey = /^aws_secret_access_key\s*=\s*(\S+)/m.exec(text)?.[1];
  return accessKeyId && secretAccessKey ? { accessKeyId, secretAccessKey } : undefined;
}

function fileIn(home: string): string {
  return join(home, "server.json");
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
