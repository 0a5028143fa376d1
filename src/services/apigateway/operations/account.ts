import type { Handlers } from "#kernel";
import { patch, type Patchable, without } from "../patch.ts";
import type { ApiTables } from "../state.ts";

interface Account {
  readonly cloudwatchRoleArn?: string;
}

export const account = {
  GetAccount(_input, ctx) {
    return toAccount(ctx.tables.account.get(KEY) ?? {});
  },

  async UpdateAccount(input, ctx) {
    const row = patch(ctx.tables.account.get(KEY) ?? {}, input.patchOperations, patchable);
    if (row.cloudwatchRoleArn !== undefined) {
      await ctx.authorize({
        action: "iam:PassRole",
        resource: row.cloudwatchRoleArn,
        conditions: { "iam:PassedToService": "apigateway.amazonaws.com" },
      });
    }
    ctx.tables.account.put(KEY, row);
    return toAccount(row);
  },
} satisfies Handlers<"apigateway", ApiTables>;

const KEY = "account";

const patchable: Patchable<Account> = {
  "/cloudwatchRoleArn": {
    // AWS: an empty value takes the role away. API reference, UpdateAccount.
    replace: (row, value) => (value === "" ? without(row, "cloudwatchRoleArn") : { ...row, cloudwatchRoleArn: value }),
    remove: (row) => without(row, "cloudwatchRoleArn"),
  },
};

function toAccount(row: Account) {
  // AWS: the quota that every account starts with; nothing is throttled here.
  return { ...row, throttleSettings: { burstLimit: 5000, rateLimit: 10_000 }, features: [], apiKeyVersion: "4" };
}
