import { formatArn } from "#core";
import type { Context, Handlers } from "#kernel";
import { busNotFound } from "../faults.ts";
import type { EventsTables } from "../state.ts";

const DEFAULT = "default";

/** There is one bus. Answers for its name and its ARN; throws for any other. */
export function assertDefaultBus(nameOrArn: string | undefined): void {
  if (nameOrArn === undefined) return;
  const name = nameOrArn.startsWith("arn:") ? nameOrArn.slice(nameOrArn.indexOf("/") + 1) : nameOrArn;
  if (name !== DEFAULT) throw busNotFound(name);
}

export function busArn(at: { readonly account: string; readonly region: string }): string {
  return formatArn({ service: "events", region: at.region, account: at.account, resource: `event-bus/${DEFAULT}` });
}

export const buses = {
  DescribeEventBus(input, ctx) {
    assertDefaultBus(input.Name);
    return toBus(ctx);
  },
  ListEventBuses(input, ctx) {
    return { EventBuses: DEFAULT.startsWith(input.NamePrefix ?? "") ? [toBus(ctx)] : [] };
  },
} satisfies Handlers<"events", EventsTables>;

function toBus(ctx: Context<EventsTables>) {
  return { Name: DEFAULT, Arn: busArn(ctx) };
}
