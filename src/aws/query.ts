import type { Clients } from "./clients.ts";
import { askUrl } from "./pinned.ts";
import { sign } from "./sigv4.ts";
import { dnsSuffix, type Target } from "./target.ts";

/** One call of EC2's Query API, for the few answers that are needed of it: its client alone is larger than all others. Answers the XML. */
export function callEc2(target: Target, aws: Clients, parameters: QueryParameters): Promise<string> {
  const { region } = target;
  const url = `https://ec2.${region}.${dnsSuffix(region)}`;
  return call(target, aws, { service: "ec2", version: "2016-11-15", url, region, parameters });
}

/** One call of IAM's, which is one for all regions of a partition. Answers the XML. */
export function callIam(target: Target, aws: Clients, parameters: QueryParameters): Promise<string> {
  const { host, region } = iamOf(target.region);
  return call(target, aws, { service: "iam", version: "2010-05-08", url: `https://${host}`, region, parameters });
}

type QueryParameters = Readonly<Record<string, string>>;

/** AWS: its address and the region that its requests are signed for. endpoints.json of botocore 1.44, `iam`. */
function iamOf(region: string): { readonly host: string; readonly region: string } {
  if (region.startsWith("cn-")) return { host: "iam.cn-north-1.amazonaws.com.cn", region: "cn-north-1" };
  if (region.startsWith("us-gov-")) return { host: "iam.us-gov.amazonaws.com", region: "us-gov-west-1" };
  return { host: "iam.amazonaws.com", region: "us-east-1" };
}

interface QueryCall {
  readonly service: string;
  readonly version: string;
  /** AWS's own address. */
  readonly url: string;
  /** That it is signed for. */
  readonly region: string;
  readonly parameters: QueryParameters;
}

async function call(target: Target, aws: Clients, { service, version, region, ...to }: QueryCall): Promise<string> {
  const url = new URL(target.endpoint ?? to.url);
  const body = new URLSearchParams({ ...to.parameters, Version: version }).toString();
  const credentials = target.credentials ?? (await (await aws.s3()).config.credentials());
  const request = {
    method: "POST",
    host: url.host,
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
  };
  const headers = sign(request, { service, region, credentials, now: new Date() });
  const answer = await askUrl(new URL("/", url), { method: "POST", headers, body, ca: target.ca });
  if (answer.status === 200) return answer.body;
  const read = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1];
  const refusal = new Error(read("Message") ?? `${service} answered ${answer.status}.`);
  refusal.name = read("Code") ?? `Http${answer.status}`;
  throw Object.assign(refusal, { $metadata: { httpStatusCode: answer.status } });
}

/** The texts of all elements of a name. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => text);
}
