import type { Context, Kernel, OpenTables } from "#kernel";
import { managedPolicies } from "./managed-policies.ts";
import { type CompiledPolicy, compilePolicy } from "./policy/compile.ts";
import type { Verdict } from "./policy/evaluate.ts";
import type { iamTables, RoleRow } from "./state.ts";

type Tables = OpenTables<typeof iamTables>;

/** A role with its policies made ready, as the authorizer needs it for every request. */
export interface ReadyRole {
  readonly id: string;
  readonly arn: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly policies: readonly CompiledPolicy[];
  readonly trustPolicy: CompiledPolicy;
  /** By action and resource, where these alone decide; `ask` where they do not. */
  readonly decisions: Map<string, Verdict | "ask">;
}

/** Roles as they are now, compiled once. What changes a role or a policy says so by `forget`. */
export interface ReadyRoles {
  find(name: string, account: string): ReadyRole | undefined;
  /** A document that comes with the request: a session's, a resource's. */
  compile(document: string): CompiledPolicy;
  forget(): void;
}

export const readyRoles = {
  name: "iam.ready-roles",
  create: (kernel: Kernel): ReadyRoles => createReadyRoles((account) => tablesOf(kernel, account)),
};

export function forgetPolicies(ctx: Context): void {
  ctx.kernel.live(readyRoles).forget();
}

const REMEMBERED = 500;

function createReadyRoles(open: (account: string) => Tables): ReadyRoles {
  const roles = new Map<string, ReadyRole>();
  const documents = new Map<string, CompiledPolicy>();
  const compile = (document: string): CompiledPolicy => {
    let compiled = documents.get(document);
    if (compiled) return compiled;
    if (documents.size >= REMEMBERED) documents.clear();
    documents.set(document, (compiled = compilePolicy(document)));
    return compiled;
  };
  return {
    compile,
    forget: () => roles.clear(),
    find(name, account) {
      const key = `${account}/${name}`;
      const known = roles.get(key);
      if (known) return known;
      const tables = open(account);
      const row = tables.roles.get(name.toLowerCase());
      if (!row) return undefined;
      const ready = prepare(row, tables, compile);
      roles.set(key, ready);
      return ready;
    },
  };
}

function prepare(row: RoleRow, tables: Tables, compile: (document: string) => CompiledPolicy): ReadyRole {
  const attached = row.attachedPolicies.flatMap((arn) => {
    const policy = managedPolicies.get(arn) ?? tables.policies.get(arn.toLowerCase());
    const version = policy?.versions.find(({ id }) => id === policy.defaultVersion);
    return version ? [version.document] : [];
  });
  const policies = [...Object.values(row.inlinePolicies), ...attached].map(compile);
  return {
    id: row.id,
    arn: row.arn,
    tags: row.tags,
    policies,
    trustPolicy: compile(row.trustPolicy),
    decisions: new Map(),
  };
}

function tablesOf(kernel: Kernel, account: string): Tables {
  const principal = { type: "root", arn: `arn:aws:iam::${account}:root`, account } as const;
  // The kernel gives a context of the service that it is asked for; only its static type does not know which.
  return (kernel.context("iam", principal) as unknown as Context<typeof iamTables>).tables;
}
