import { X509Certificate } from "node:crypto";
import { request as plainly } from "node:http";
import { type AgentOptions, request as securely } from "node:https";

/**
 * Trusts one certificate and no other: no authority may vouch for another one, and its name need not be the address, which the owner of
 * the server knows better than a name service.
 */
export function pinned(ca: string): AgentOptions {
  const { fingerprint256 } = new X509Certificate(ca);
  return {
    ca,
    keepAlive: true,
    checkServerIdentity: (_host, shown) =>
      shown.fingerprint256 === fingerprint256
        ? undefined
        : new Error("The server shows another certificate than the one it is known by."),
  };
}

export interface UrlRequest {
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  readonly signal?: AbortSignal;
  /** As of a `Target`. */
  readonly ca?: string | undefined;
}

/** What `fetch` cannot: it takes no certificate of one's own. */
export function askUrl(
  url: string | URL,
  { method = "GET", headers = {}, body, signal, ca }: UrlRequest = {},
): Promise<{ readonly status: number; readonly body: string }> {
  const { protocol } = new URL(url);
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length }, ...(signal && { signal }) };
  return new Promise((resolve, reject) => {
    const outgoing =
      protocol === "https:"
        ? securely(url, { ...options, ...(ca !== undefined && pinned(ca)) })
        : plainly(url, options);
    outgoing.once("error", reject);
    outgoing.once("response", (response) => {
      const parts: Buffer[] = [];
      response.on("data", (part: Buffer) => parts.push(part));
      response.once("error", reject);
      response.once("end", () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString("utf8") }),
      );
    });
    outgoing.end(body);
  });
}
