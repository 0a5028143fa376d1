import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { type CauceHome, openHome, type Ran } from "./cauce-process.ts";

const TABLE = resolve(import.meta.dirname, "../journeys/penguins.csv");

/** A user, and another home's server that stands for the account that the user's credentials lead to. */
export interface OtherAccount {
  readonly account: CauceHome;
  /** With `penguins.csv` in the folder where they work. */
  readonly user: CauceHome;
  /** What any AWS tool reads: address, keys, region. */
  readonly env: Record<string, string>;
  /** Runs `cauce …` as the user, with those. */
  cauce(...words: string[]): Promise<Ran>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openOtherAccount(): Promise<OtherAccount> {
  const [account, user] = [await openHome(), await openHome()];
  const env = await account.awsVariables();
  await copyFile(TABLE, join(user.work, "penguins.csv"));
  return {
    account,
    user,
    env,
    cauce: (...words) => user.cauce(words, { env }),
    async [Symbol.asyncDispose]() {
      await Promise.all([account, user].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}
