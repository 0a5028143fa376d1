import type { Resource, ResourceContext, ResourceHandler } from "#kernel";

type Properties = Record<string, unknown>;

/** Handlers that CloudFormation finds by type. */
export const cloudformation: Readonly<Record<`AWS::${string}`, ResourceHandler>> = {};
void ({} as Resource | ResourceContext | Properties);
