import { formatArn } from "#core";

/** Who is asking. */
export type Principal = RootPrincipal | RolePrincipal | ServicePrincipal | FederatedPrincipal | AnonymousPrincipal;

/** The account itself: the keys in `~/.cauce/credentials`. Everything is allowed. */
export interface RootPrincipal {
  readonly type: "root";
  readonly arn: string;
  readonly account: string;
  readonly accessKeyId?: string;
}

/** A session of a role. Its policies decide. */
export interface RolePrincipal {
  readonly type: "role";
  /** `arn:aws:sts::account:assumed-role/role/session` */
  readonly arn: string;
  readonly roleArn: string;
  readonly roleName: string;
  readonly sessionName: string;
  /** `AROA…:session` */
  readonly userId: string;
  readonly account: string;
  readonly accessKeyId?: string;
  /** Inline session policies, as JSON documents: they can only take away. */
  readonly sessionPolicies?: readonly string[];
}

/** An AWS service acting for itself, e.g. EventBridge invoking a function: the target's resource policy decides. */
export interface ServicePrincipal {
  readonly type: "service";
  /** e.g. `events.amazonaws.com` */
  readonly service: string;
  readonly arn: string;
  readonly account: string;
  /** The resource on whose behalf it acts: `aws:SourceArn` in policies. */
  readonly sourceArn?: string;
}

/** Somebody for whom a provider of identities vouches: only a role's trust policy decides about them. */
export interface FederatedPrincipal {
  readonly type: "federated";
  /** Who they are for the provider. */
  readonly arn: string;
  readonly account: string;
  /** The provider's ARN. */
  readonly provider: string;
}

/** Nobody yet: the operations that take a token instead of a signature find out. Nothing is allowed. */
export interface AnonymousPrincipal {
  readonly type: "anonymous";
  readonly arn: "anonymous";
  readonly account: string;
}

export function rootPrincipal(account: string, accessKeyId?: string): RootPrincipal {
  const arn = formatArn({ service: "iam", region: "", account, resource: "root" });
  return { type: "root", arn, account, ...(accessKeyId !== undefined && { accessKeyId }) };
}

export function servicePrincipal(service: string, account: string, sourceArn?: string): ServicePrincipal {
  return { type: "service", service, arn: service, account, ...(sourceArn !== undefined && { sourceArn }) };
}
