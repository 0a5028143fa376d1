import { defineService, type Permission, type Permissions } from "#kernel";
import { resumeStacks } from "./engine/resume.ts";
import { changeSets } from "./operations/change-sets.ts";
import { contents } from "./operations/contents.ts";
import { stacks } from "./operations/stacks.ts";
import { tables } from "./state.ts";

export const cloudformation = defineService({
  name: "cloudformation",
  tables,
  operations: { ...stacks, ...changeSets, ...contents },
  permissions: permissions(),
  start: resumeStacks,
});

/** Every operation on a stack needs its own action on that stack's ARN. */
function permissions(): Permissions<"cloudformation"> {
  const onStack =
    (operation: string) =>
    (input: { readonly StackName?: string | undefined }, at: { account: string; region: string }): Permission => {
      const name = input.StackName ?? "*";
      const resource = name.startsWith("arn:")
        ? name
        : `arn:aws:cloudformation:${at.region}:${at.account}:stack/${name}/*`;
      return { action: `cloudformation:${operation}`, resource };
    };
  const operations = [...Object.keys(stacks), ...Object.keys(changeSets), ...Object.keys(contents)];
  return Object.fromEntries(operations.map((operation) => [operation, onStack(operation)]));
}
