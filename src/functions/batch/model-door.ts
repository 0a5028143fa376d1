import type { Caller } from "#aws";
import { isRecord, parseJson } from "#core";

export interface Said {
  readonly status: number;
  readonly body: string;
}

/** Asks the model that serves about some records; undefined when it was not the model that refused. */
export type ModelDoor = (records: readonly unknown[]) => Promise<Said | undefined>;

export function endpointDoor(aws: Caller, endpoint: string): ModelDoor {
  return async (records) => {
    const answer = await aws.request({
      host: "runtime.sagemaker",
      method: "POST",
      path: `/endpoints/${endpoint}/invocations`,
      headers: { "content-type": "application/json", accept: "application/json" },
      body: JSON.stringify(records),
    });
    const body = answer.body.toString();
    if (answer.status === 200) return { status: 200, body };
    const fault = parseJson(body);
    if (isRecord(fault) && fault["OriginalStatusCode"] !== undefined)
      return { status: Number(fault["OriginalStatusCode"]), body: String(fault["OriginalMessage"] ?? "") };
    return undefined;
  };
}

/** The function behind the URL, when the model is inside of it: it is asked as API Gateway asks it. */
export function functionDoor(aws: Caller, name: string): ModelDoor {
  return async (records) => {
    const event = {
      httpMethod: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(records),
    };
    const answer = await aws.request({
      host: "lambda",
      method: "POST",
      path: `/2015-03-31/functions/${name}/invocations`,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(event),
    });
    const said = parseJson(answer.body.toString());
    if (answer.status !== 200 || !isRecord(said) || said["statusCode"] === undefined) return undefined;
    const status = Number(said["statusCode"]);
    return status >= 500 ? undefined : { status, body: String(said["body"] ?? "") };
  };
}
