import { STS } from "@aws-sdk/client-sts";
import type { TestServer } from "./start-cauce.ts";

type Keys = TestServer["client"]["credentials"] & { readonly sessionToken: string };

/** The keys of a session of a role, for any client: `new S3({ ...cauce.client, credentials: await takeRole(…) })`. */
export async function takeRole(client: TestServer["client"], role: string | undefined, session: string): Promise<Keys> {
  const sts = new STS(client);
  const { Credentials: keys } = await sts.assumeRole({ RoleArn: role, RoleSessionName: session });
  sts.destroy();
  return {
    accessKeyId: keys?.AccessKeyId ?? "",
    secretAccessKey: keys?.SecretAccessKey ?? "",
    sessionToken: keys?.SessionToken ?? "",
  };
}
