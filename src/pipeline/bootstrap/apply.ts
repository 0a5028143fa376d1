import { accountOf, callIam, type Clients, elementsOf, isAwsError, type Target, withClients } from "#aws";
import { partitionOf, type Place } from "../names.ts";
import { deployPolicies, hostPolicies, type ManagedPolicy } from "./policy.ts";

/** One project and its stages. */
export interface Granting {
  readonly name: string;
  /** Its table. */
  readonly source?: string | undefined;
  /** Whether that is a database in a VPC. */
  readonly vpc?: boolean | undefined;
}

/** Whose policy: of who deploys one project or, without one, any; or of who makes the instance of `--to ec2`. */
export type Purpose = { readonly deploys: Granting | undefined } | { readonly makes: "host" };

export interface BootstrapOptions {
  readonly purpose: Purpose;
  /** Made when it is missing, and given the policies. */
  readonly role?: { readonly name: string; readonly trust: string } | undefined;
}

export interface Bootstrapped {
  readonly policies: readonly { readonly arn: string; readonly action: "created" | "updated" | "unchanged" }[];
  readonly role?: { readonly arn: string; readonly action: "created" | "updated" };
}

/** What `bootstrap` would apply. */
export function policiesFor(target: Target, purpose: Purpose): Promise<readonly ManagedPolicy[]> {
  return withClients(target, async (aws) => policiesAt(await placeOf(target, aws), purpose));
}

/** Brings the policies, and the role when one is named, into the account; may be called again. */
export function applyPolicies(target: Target, { purpose, role }: BootstrapOptions): Promise<Bootstrapped> {
  return withClients(target, async (aws) => {
    const iam: Iam = { ask: (parameters) => callIam(target, aws, parameters) };
    const place = await placeOf(target, aws);
    const prefix = `arn:${partitionOf(place.region)}:iam::${place.account}`;
    const policies: Bootstrapped["policies"][number][] = [];
    for (const policy of policiesAt(place, purpose)) {
      const arn = `${prefix}:policy/${policy.name}`;
      policies.push({ arn, action: await putPolicy(iam, arn, policy) });
    }
    if (role === undefined) return { policies };
    const action = await putRole(iam, role);
    for (const { arn } of policies) await iam.ask({ Action: "AttachRolePolicy", RoleName: role.name, PolicyArn: arn });
    return { policies, role: { arn: `${prefix}:role/${role.name}`, action } };
  });
}

interface Iam {
  ask(parameters: Readonly<Record<string, string>>): Promise<string>;
}

async function placeOf(target: Target, aws: Clients): Promise<Place> {
  return { account: await accountOf(target, aws), region: target.region };
}

function policiesAt(place: Place, purpose: Purpose): readonly ManagedPolicy[] {
  if ("makes" in purpose) return hostPolicies(place);
  const { name, source, vpc } = purpose.deploys ?? {};
  return deployPolicies({ place, project: name, source, vpc });
}

async function putPolicy(iam: Iam, PolicyArn: string, { name, document }: ManagedPolicy) {
  const PolicyDocument = JSON.stringify(document);
  const found = await unless(iam.ask({ Action: "GetPolicy", PolicyArn }));
  if (found === undefined) {
    const Description = "What the person or the CI role needs that deploys with Cauce";
    await iam.ask({ Action: "CreatePolicy", PolicyName: name, PolicyDocument, Description });
    return "created" as const;
  }
  const [VersionId = ""] = elementsOf(found, "DefaultVersionId");
  const now = await iam.ask({ Action: "GetPolicyVersion", PolicyArn, VersionId });
  if (decodeURIComponent(elementsOf(now, "Document")[0] ?? "") === PolicyDocument) return "unchanged" as const;
  await makeRoom(iam, PolicyArn, VersionId);
  await iam.ask({ Action: "CreatePolicyVersion", PolicyArn, PolicyDocument, SetAsDefault: "true" });
  return "updated" as const;
}

/** AWS: a managed policy has at most five versions; the newest is answered first. */
async function makeRoom(iam: Iam, PolicyArn: string, inUse: string): Promise<void> {
  const versions = elementsOf(await iam.ask({ Action: "ListPolicyVersions", PolicyArn }), "VersionId");
  const oldest = versions.filter((one) => one !== inUse).at(-1);
  if (versions.length >= 5 && oldest !== undefined)
    await iam.ask({ Action: "DeletePolicyVersion", PolicyArn, VersionId: oldest });
}

async function putRole(iam: Iam, { name, trust }: { readonly name: string; readonly trust: string }) {
  if ((await unless(iam.ask({ Action: "GetRole", RoleName: name }))) !== undefined) {
    await iam.ask({ Action: "UpdateAssumeRolePolicy", RoleName: name, PolicyDocument: trust });
    return "updated" as const;
  }
  const Description = "Deploys with Cauce";
  await iam.ask({ Action: "CreateRole", RoleName: name, AssumeRolePolicyDocument: trust, Description });
  return "created" as const;
}

async function unless(asked: Promise<string>): Promise<string | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isAwsError(error, "NoSuchEntity")) return undefined;
    throw error;
  }
}
