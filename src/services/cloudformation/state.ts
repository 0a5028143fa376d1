import { table, tableKey, type OpenTables, type Principal } from "#kernel";

/** A stack, keyed by its ARN. What it holds is in `resources`. */
export interface StackRow {
  readonly id: string;
  readonly name: string;
  readonly region: string;
  status: string;
  statusReason?: string;
  readonly created: string;
  updated?: string;
  deleted?: string;
  description?: string;
  template: string;
  parameters: Readonly<Record<string, string>>;
  capabilities: readonly string[];
  tags: Readonly<Record<string, string>>;
  outputs: readonly OutputRow[];
  disableRollback: boolean;
  onFailure: "ROLLBACK" | "DELETE" | "DO_NOTHING";
  roleArn?: string;
  terminationProtection: boolean;
  clientToken?: string;
  changeSetId?: string;
  /** Who asked for the work that is running: it goes on as them after a restart. */
  principal: Principal;
  /** What an update falls back to when it fails or the server ends in its middle. */
  previous?: Goal;
}

/** What a stack should be: a template with its parameters. */
export interface Goal {
  readonly template: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface OutputRow {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** One resource of a stack, keyed by stack and logical id. */
export interface ResourceRow {
  readonly logicalId: string;
  readonly type: string;
  physicalId: string;
  attributes: Readonly<Record<string, string>>;
  /** As resolved when it was made. */
  properties: Readonly<Record<string, unknown>>;
  dependsOn: readonly string[];
  status: string;
  statusReason?: string;
  updated: string;
  deletionPolicy: string;
}

/** Keyed by stack, then time, so that a stack's events come in order. */
export interface EventRow {
  readonly id: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly at: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly properties?: string;
  readonly token?: string;
}

export interface ChangeSetRow {
  readonly id: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly kind: "CREATE" | "UPDATE";
  status: string;
  statusReason?: string;
  executionStatus: string;
  readonly created: string;
  readonly description?: string;
  readonly goal: Goal;
  readonly capabilities: readonly string[];
  readonly roleArn?: string;
  readonly changes: readonly ChangeRow[];
}

export interface ChangeRow {
  readonly action: "Add" | "Modify" | "Remove";
  readonly logicalId: string;
  readonly physicalId?: string;
  readonly type: string;
  readonly replacement?: "True" | "False" | "Conditional";
  /** Names of the top-level properties that change. */
  readonly properties: readonly string[];
}

export const tables = {
  stacks: table<StackRow>(),
  /** The ARN of the stack that has a name now. */
  names: table<string>(),
  resources: table<ResourceRow>(),
  events: table<EventRow>(),
  changeSets: table<ChangeSetRow>(),
};

export type Tables = OpenTables<typeof tables>;

export function resourcesOf(state: Tables, stackId: string): ResourceRow[] {
  return state.resources.list({ prefix: tableKey(stackId, "") }).map(({ row }) => row);
}

export function putResource(state: Tables, stackId: string, row: ResourceRow): void {
  state.resources.put(tableKey(stackId, row.logicalId), row);
}

export function dropResource(state: Tables, stackId: string, logicalId: string): void {
  state.resources.delete(tableKey(stackId, logicalId));
}

/** By name or ARN; a deleted stack is found by its ARN only. */
export function findStack(state: Tables, nameOrId: string): StackRow | undefined {
  const id = nameOrId.startsWith("arn:") ? nameOrId : state.names.get(nameOrId);
  return id === undefined ? undefined : state.stacks.get(id);
}
