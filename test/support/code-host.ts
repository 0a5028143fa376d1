import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** The little of GitHub's and GitLab's API that a pipeline asks for: comments, and files that earlier jobs kept. */
export interface CodeHost {
  readonly url: string;
  readonly comments: Comment[];
  /** Method and path of what was asked, in order. */
  readonly asked: string[];
  /** What jobs kept, by the path that is asked for. */
  readonly artifacts: Map<string, string>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Comment {
  readonly id: number;
  body: string;
  readonly user: { readonly type: "Bot" | "User" };
}

export async function startCodeHost(token: string): Promise<CodeHost> {
  const comments: Comment[] = [];
  const asked: string[] = [];
  const artifacts = new Map<string, string>();
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    const path = url.split("?")[0] ?? "";
    asked.push(`${method} ${path}`);
    const answer = (status: number, body: unknown) =>
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(typeof body === "string" ? body : JSON.stringify(body));
    const file = artifacts.get(path);
    if (file !== undefined) return answer(200, file);
    const { authorization, "private-token": own } = request.headers;
    if (authorization !== `Bearer ${token}` && own !== token) return answer(401, { message: "Bad credentials" });
    if (!/\/(comments|notes)(\/\d+)?$/.test(path)) return answer(404, { message: "Not Found" });
    if (method === "GET") return answer(200, comments);
    const { body } = JSON.parse(await textOf(request)) as { body: string };
    const id = Number(/\/(\d+)$/.exec(path)?.[1] ?? NaN);
    const found = comments.find((one) => one.id === id);
    if (method === "POST") comments.push({ id: comments.length + 1, body, user: { type: "Bot" } });
    else if (found) found.body = body;
    else return answer(404, { message: "Not Found" });
    return answer(method === "POST" ? 201 : 200, {
      id: found?.id ?? comments.length,
      html_url: `https://example.com/${comments.length}`,
    });
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    comments,
    asked,
    artifacts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString("utf8");
}
