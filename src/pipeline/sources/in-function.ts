import { isServer, withoutPassword } from "#databases";
import type { DataSettings } from "../define.ts";

/** What does not go together about a server that the Extract function is to read. */
export function oddDatabase({
  source,
  secret,
  vpc,
}: DataSettings): { readonly field: string; readonly expected: string; readonly given: unknown } | undefined {
  if (secret === undefined && vpc === undefined) return undefined;
  if (!isServer(source))
    return {
      field: secret === undefined ? "data.vpc" : "data.secret",
      expected: "left out: it is for a database server (postgres://… or mysql://…)",
      given: secret ?? vpc,
    };
  if (secret === undefined)
    return { field: "data.secret", expected: "the secret with the server's password", given: undefined };
  if (source !== withoutPassword(source))
    return {
      field: "data.source",
      expected: "the address without its password, which lies in `data.secret`",
      given: withoutPassword(source),
    };
  if (vpc && (vpc.subnets.length === 0 || vpc.securityGroups.length === 0))
    return { field: "data.vpc", expected: "left out: it names no subnet or no security group", given: vpc };
  return undefined;
}

/** What somebody should know before the function is put into a network. */
export function databaseWarnings({ secret, vpc }: DataSettings): readonly string[] {
  if (vpc === undefined || secret === undefined) return [];
  return [
    "data.vpc: a function in a VPC has no internet by itself. Its subnets need a way to S3 (a gateway endpoint costs nothing), Secrets Manager and SageMaker (interface endpoints or a NAT gateway, which cost money by the hour).",
  ];
}
