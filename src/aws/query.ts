import type { Clients } from "./clients.ts";
import { askUrl } from "./pinned.ts";
import { sign } from "./sigv4.ts";
import { dnsSuffix, type Target } from "./target.ts";

/** One call of EC2's Query API, for the few answers that are needed of it: its client alone is larger than all others. Answers the XML. */
export async function callEc2(
  target: Target,
  aws: Clients,
  parameters: Readonly<Record<string, string>>,
): Promise<string> {
  const { region } = target;
  const url = new URL(target.endpoint ?? `https://ec2.${region}.${dnsSuffix(region)}`);
  const body = new URLSearchParams({ ...parameters, Version: "2016-11-15" }).toString();
  const credentials = target.credentials ?? (await (await aws.s3()).config.credentials());
  const request = {
    method: "POST",
    host: url.host,
    path: "/",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
  };
  const headers = sign(request, { service: "ec2", region, credentials, now: new Date() });
  const answer = await askUrl(new URL("/", url), { method: "POST", headers, body, ca: target.ca });
  if (answer.status === 200) return answer.body;
  const read = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(answer.body)?.[1];
  const refusal = new Error(read("Message") ?? `EC2 answered ${answer.status}.`);
  refusal.name = read("Code") ?? `Http${answer.status}`;
  throw Object.assign(refusal, { $metadata: { httpStatusCode: answer.status } });
}

/** The texts of all elements of a name. */
export function elementsOf(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, text = ""]) => text);
}
