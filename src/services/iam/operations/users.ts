import type { Handlers } from "#kernel";
import { userNotFound } from "../faults.ts";
import type { iamTables } from "../state.ts";

/** There are no users: the account's own key stands for the person at this machine. */
export const users = {
  GetUser(input, ctx) {
    if (input.UserName !== undefined) throw userNotFound(input.UserName);
    // AWS: for the account itself the answer has no name and no path (API reference, GetUser).
    return {
      User: {
        Path: undefined,
        UserName: undefined,
        UserId: ctx.account,
        Arn: `arn:aws:iam::${ctx.account}:root`,
        CreateDate: new Date(0),
      },
    };
  },

  ListUsers() {
    return { Users: [], IsTruncated: false };
  },
} satisfies Handlers<"iam", typeof iamTables>;
