import { parseJson } from "#core";
import { refusal } from "./call.ts";
import type { Clients } from "./clients.ts";
import { JSON_SERVICES, type JsonService } from "./json-services.ts";
import { askUrl } from "./pinned.ts";
import { sign } from "./sigv4.ts";
import { dnsSuffix, type Target } from "./target.ts";

/** One call of a service that speaks JSON, for those of which a few calls are needed and no client; throws `AwsAnswer`. */
export async function callJson(
  target: Target,
  aws: Clients,
  [service, operation]: readonly [JsonService, string],
  input: object,
): Promise<Record<string, unknown>> {
  const { region } = target;
  const { host, signing, target: prefix, version } = JSON_SERVICES[service];
  const url = new URL(target.endpoint ?? `https://${host}.${region}.${dnsSuffix(region)}`);
  const credentials = target.credentials ?? (await (await aws.s3()).config.credentials());
  const body = JSON.stringify(input);
  const request = {
    method: "POST",
    host: url.host,
    path: "/",
    headers: { "content-type": `application/x-amz-json-${version}`, "x-amz-target": `${prefix}.${operation}` },
    body,
  };
  const headers = sign(request, { service: signing, region, credentials, now: new Date() });
  const answer = await askUrl(new URL("/", url), { method: "POST", headers, body, ca: target.ca });
  const parsed = parseJson(answer.body) as Record<string, unknown> | undefined;
  if (answer.status !== 200) throw refusal({ status: answer.status, body: Buffer.from(answer.body) }, parsed);
  return parsed ?? {};
}
