import { type Agent, request as httpRequest } from "node:http";
import type { EngineReply, EngineRequest } from "./engine.ts";

/** Where a worker listens: a socket that no other process of the machine can name. */
export interface WorkerDoor {
  readonly socketPath: string;
  readonly agent: Agent;
}

/** AWS: a container that needs longer is given up (developer guide, "How containers serve requests"). */
export const INVOCATION_MILLISECONDS = 60_000;

export class WorkerTimeout extends Error {}

/** Nobody listens at the door any more: the request has reached no model. */
export class WorkerGone extends Error {}

/** Whether the container says that it is ready: the status of `GET /ping`, or undefined when nobody listens. */
export function ping(door: WorkerDoor, milliseconds: number): Promise<number | undefined> {
  return ask(door, { method: "GET", path: "/ping", headers: {}, milliseconds })
    .then(({ status }) => status)
    .catch(() => undefined);
}

/** AWS: the container sees the API's own headers and no others. */
export async function invocations(door: WorkerDoor, request: EngineRequest): Promise<EngineReply> {
  const headers: Record<string, string> = { "content-length": String(request.body.byteLength) };
  if (request.contentType !== undefined) headers["content-type"] = request.contentType;
  if (request.accept !== undefined) headers["accept"] = request.accept;
  if (request.customAttributes !== undefined) headers["x-amzn-sagemaker-custom-attributes"] = request.customAttributes;
  if (request.inferenceId !== undefined) headers["x-amzn-sagemaker-inference-id"] = request.inferenceId;
  const milliseconds = request.milliseconds ?? INVOCATION_MILLISECONDS;
  const asked = { method: "POST", path: "/invocations", headers, milliseconds };
  const answer = await ask(door, asked, request.body);
  const custom = answer.headers["x-amzn-sagemaker-custom-attributes"];
  return {
    status: answer.status,
    body: answer.body,
    contentType: answer.headers["content-type"],
    ...(typeof custom === "string" && { customAttributes: custom }),
  };
}

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly milliseconds: number;
}

interface Answered {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]> & { "content-type"?: string | undefined };
  readonly body: Buffer;
}

function ask({ socketPath, agent }: WorkerDoor, asked: Asked, body?: Uint8Array): Promise<Answered> {
  const { method, path, headers, milliseconds } = asked;
  return new Promise((resolve, reject) => {
    const request = httpRequest({ socketPath, agent, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
      });
    });
    const timer = setTimeout(() => request.destroy(new WorkerTimeout()), milliseconds);
    request.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === "ECONNREFUSED" || error.code === "ENOENT" ? new WorkerGone() : error);
    });
    request.end(body);
  });
}
