import { timingSafeEqual } from "node:crypto";
import { type Context, type HttpDoor, servicePrincipal } from "#kernel";
import type { WireResponse } from "#protocol";
import type { Ec2Tables, InstanceRow } from "./state.ts";

const PATH = /^\/_aws\/ec2\/(i-[0-9a-f]{17})\/credentials$/;

export function credentialsPath(id: string): string {
  return `/_aws/ec2/${id}/credentials`;
}

/**
 * Where an instance's processes get the credentials of its role. AWS: from the metadata service, which anyone on the instance may ask;
 * on a machine that others use too, these must show the instance's secret, in the way that the SDKs know from containers.
 */
export const credentialsDoor: HttpDoor<Ec2Tables> = {
  matches: ({ path }) => PATH.test(path),
  async handle(request, body, ctx) {
    body.resume();
    const row = ctx.tables.instances.get(PATH.exec(request.path)?.[1] ?? "");
    if (!row || !isSame(request.headers["authorization"] ?? "", row.secret)) return answer(404, { Code: "NotFound" });
    return answer(200, await sessionOf(row, ctx));
  },
};

async function sessionOf(row: InstanceRow, ctx: Context<Ec2Tables>): Promise<object> {
  const roleArn = await roleOf(row.profile ?? "", ctx);
  const session = await ctx.assume(roleArn, { service: "ec2.amazonaws.com", sessionName: row.id });
  return {
    RoleArn: roleArn,
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    Token: session.sessionToken,
    Expiration: session.expiration.toISOString(),
  };
}

/** The role that an instance profile hands on. */
export async function roleOf(profileArn: string, ctx: Context<Ec2Tables>): Promise<string> {
  const { InstanceProfile: profile } = await ctx.call(
    "iam",
    "GetInstanceProfile",
    { InstanceProfileName: profileArn.split("/").at(-1) ?? "" },
    { as: servicePrincipal("ec2.amazonaws.com", ctx.account) },
  );
  return profile?.Roles?.[0]?.Arn ?? "";
}

function isSame(given: string, secret: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(secret)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function answer(status: number, value: object): WireResponse {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}
