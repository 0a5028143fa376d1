import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CauceError, isRecord, parseJson } from "#core";
import type { Config } from "./config.ts";
import type { Destination } from "./destination.ts";

/** What is about to be done, and where. */
export interface Change {
  readonly project: string;
  /** Asked every time, whatever was answered before: what is removed does not come back. */
  readonly always?: boolean;
}

/**
 * Before the first change in an account: shows where it goes and asks. What was answered once for a project, an account and a region
 * holds from then on. `ask` is undefined where nobody can be asked.
 */
export async function confirmChange(
  config: Config,
  destination: Destination,
  change: Change & { readonly yes: boolean; readonly ask: ((question: string) => Promise<boolean>) | undefined },
): Promise<void> {
  if (!destination.profile.confirms) return;
  const { account = "", region, endpoint } = destination.target;
  const key = [change.project, account, region, ...(endpoint === undefined ? [] : [endpoint])].join(" ");
  const known = readConfirmed(config);
  if (change.yes || (!change.always && known.includes(key))) return;
  const where = `account ${account}, region ${region}`;
  const question = change.always ? `Remove ${change.project} from ${where}?` : `Bring ${change.project} to ${where}?`;
  if (!change.ask) throw unasked(question);
  if (!(await change.ask(question))) throw refused(change.project);
  if (!known.includes(key)) writeConfirmed(config, [...known, key]);
}

function fileOf(config: Config): string {
  return join(config.home, "confirmed.json");
}

function readConfirmed(config: Config): readonly string[] {
  try {
    const found = parseJson(readFileSync(fileOf(config), "utf8"));
    const list = isRecord(found) ? found["changes"] : undefined;
    return Array.isArray(list) ? list.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function writeConfirmed(config: Config, changes: readonly string[]): void {
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  writeFileSync(fileOf(config), `${JSON.stringify({ changes }, null, 2)}\n`, { mode: 0o600 });
}

function unasked(question: string): CauceError {
  return new CauceError({
    code: "ConfirmationMissing",
    what: question,
    why: "Nobody is there to answer: this is no terminal.",
    fix: "Say --yes if that is the account and the region you mean.",
  });
}

function refused(project: string): CauceError {
  return new CauceError({
    code: "NotConfirmed",
    what: `Nothing was changed for ${project}.`,
    why: "The question was not answered with yes.",
    fix: "Set AWS_PROFILE and AWS_REGION to the account and the region that you mean.",
  });
}
