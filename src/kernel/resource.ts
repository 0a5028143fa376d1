import type { Call } from "./operation.ts";

/** How CloudFormation makes, changes and removes one type of resource: only by calling AWS operations. */
export interface ResourceHandler<Properties = Record<string, unknown>> {
  /** Properties (top level) whose change makes a new resource and then deletes the old one. */
  readonly replaceOn: readonly string[];
  create(properties: Properties, at: ResourceContext): Promise<Resource>;
  /** Absent: every change replaces. */
  update?(properties: Properties, previous: Properties, resource: Resource, at: ResourceContext): Promise<Resource>;
  /** Must succeed when the resource is gone already. */
  delete(resource: Resource, properties: Properties, at: ResourceContext): Promise<void>;
}

export interface Resource {
  /** What `Ref` gives. */
  readonly physicalId: string;
  /** What `Fn::GetAtt` gives, by attribute. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ResourceContext {
  readonly call: Call;
  readonly account: string;
  readonly region: string;
  readonly stackName: string;
  readonly stackId: string;
  readonly logicalId: string;
  /** Tags of the stack, with CloudFormation's own. */
  readonly tags: Readonly<Record<string, string>>;
  /** The name CloudFormation invents when the template gives none: `stack-logicalId-RANDOM`, cut to `maxLength`. */
  inventName(maxLength: number): string;
}
