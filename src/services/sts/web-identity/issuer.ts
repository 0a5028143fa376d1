import type { JsonWebKey } from "node:crypto";
import { request } from "node:https";
import { checkServerIdentity, type PeerCertificate, type TLSSocket } from "node:tls";
import { isRecord, parseJson } from "#core";

/** The keys that an issuer publishes (OpenID Connect Discovery). Throws when they cannot be had safely. */
export async function fetchKeys(issuer: string, thumbprints: readonly string[]): Promise<readonly JsonWebKey[]> {
  const about = await fetchJson(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`, thumbprints);
  if (about["issuer"] !== issuer || typeof about["jwks_uri"] !== "string")
    throw new Error(`${issuer} describes another issuer, or no keys.`);
  const { keys } = await fetchJson(about["jwks_uri"], thumbprints);
  return (Array.isArray(keys) ? keys : []).filter(isRecord) as readonly JsonWebKey[];
}

/** AWS: five seconds (re:Post, "InvalidIdentityToken"). */
const PATIENCE = 5000;
const LARGEST = 256 * 1024;

/** No redirects: who is at another address is not who was asked. */
function fetchJson(address: string, thumbprints: readonly string[]): Promise<Record<string, unknown>> {
  return new Promise((done, failed) => {
    const url = new URL(address);
    if (url.protocol !== "https:") throw new Error(`${address} is not https.`);
    const headers = { accept: "application/json" };
    // The certificate is judged below, before a byte of the answer is believed.
    const asked = request(url, { headers, rejectUnauthorized: false, agent: false, timeout: PATIENCE });
    const refuse = (why: string) => asked.destroy(new Error(`${url.host}: ${why}`));
    asked.on("timeout", () => refuse("no answer in time"));
    asked.on("error", failed);
    asked.on("response", (response) => {
      const problem = findProblem(response.socket as TLSSocket, url.hostname, thumbprints);
      if (problem !== undefined) return refuse(problem);
      if (response.statusCode !== 200) return refuse(`status ${response.statusCode}`);
      const parts: Buffer[] = [];
      let size = 0;
      response.on("data", (part: Buffer) => {
        size += part.length;
        if (size > LARGEST) return refuse("too long an answer");
        parts.push(part);
      });
      response.on("error", failed);
      response.on("end", () => {
        const value: unknown = parseJson(Buffer.concat(parts).toString("utf8"));
        if (isRecord(value)) done(value);
        else failed(new Error(`${url.host}: not JSON`));
      });
    });
    asked.end();
  });
}

/** AWS: a certificate of a known authority, or one whose chain has a thumbprint of the provider's (API reference, UpdateOpenIDConnectProviderThumbprint). */
function findProblem(socket: TLSSocket, host: string, thumbprints: readonly string[]): string | undefined {
  if (socket.authorized) return undefined;
  const certificate = socket.getPeerCertificate(true);
  const named = checkServerIdentity(host.replace(/^\[|\]$/g, ""), certificate);
  if (named) return named.message;
  const known = chainOf(certificate).some((one) => thumbprints.includes(one.replaceAll(":", "").toLowerCase()));
  return known ? undefined : "its certificate is of no known authority, and of no thumbprint of the provider";
}

/** SHA-1 of each certificate that was shown. */
function chainOf(certificate: PeerCertificate & { readonly issuerCertificate?: PeerCertificate }): string[] {
  const prints: string[] = [];
  for (let at: typeof certificate | undefined = certificate; at?.fingerprint && !prints.includes(at.fingerprint);)
    [prints[prints.length], at] = [at.fingerprint, at.issuerCertificate as typeof certificate | undefined];
  return prints;
}
