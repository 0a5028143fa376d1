import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Context, HttpDoor, Live } from "#kernel";
import type { CodeRef, LambdaTables } from "./state.ts";

/** Where GetFunction lets a package be fetched: a URL of this server that is good for ten minutes, as AWS's presigned one is. */
const PATH = "/_aws/lambda/code/";
const GOOD_FOR = 600_000;

const key: Live<Buffer> = { name: "lambda: download key", create: () => randomBytes(32) };

export function codeLocation(ctx: Context<LambdaTables>, code: CodeRef): string {
  const expires = ctx.now().getTime() + GOOD_FOR;
  return `${ctx.kernel.endpoint}${PATH}${code.sha256}.zip?expires=${expires}&signature=${sign(ctx, code.sha256, expires)}`;
}

export const download: HttpDoor<LambdaTables> = {
  matches: (request) => request.path.startsWith(PATH),
  async handle(request, body, ctx) {
    body.resume();
    const digest = request.path.slice(PATH.length).replace(/\.zip$/, "");
    const query = new URLSearchParams(request.query);
    const expires = Number(query.get("expires"));
    const given = Buffer.from(query.get("signature") ?? "");
    const wanted = Buffer.from(sign(ctx, digest, expires));
    const genuine = given.length === wanted.length && timingSafeEqual(given, wanted);
    const row = genuine && expires > ctx.now().getTime() ? ctx.tables.code.get(digest) : undefined;
    if (!row || request.method !== "GET") {
      const text = "This address is not good, or no longer. Call GetFunction again.\n";
      return { status: 403, headers: { "content-type": "text/plain" }, body: text };
    }
    return { status: 200, headers: { "content-type": "application/zip" }, body: ctx.kernel.blobs.read(row.blob) };
  },
};

function sign(ctx: Context<LambdaTables>, digest: string, expires: number): string {
  return createHmac("sha256", ctx.kernel.live(key)).update(`${digest} ${expires}`).digest("hex");
}
