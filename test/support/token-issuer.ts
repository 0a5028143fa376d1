import { execFileSync } from "node:child_process";
import { createSign, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An OpenID Connect issuer of this machine, as GitHub's and GitLab's are: discovery, keys, tokens with a real signature. */
export interface TokenIssuer {
  readonly url: string;
  /** As providers, conditions and ARNs name it. */
  readonly host: string;
  /** SHA-1 of its certificate, which no authority knows. */
  readonly thumbprint: string;
  /** A token of now, for an hour; claims say otherwise. */
  token(claims: Readonly<Record<string, unknown>>, signing?: { key?: KeyObject; header?: object }): string;
  /** What it answers from now on instead of its keys. */
  publish(keys: readonly object[]): void;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startTokenIssuer(): Promise<TokenIssuer> {
  const { key, cert } = makeCertificate();
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  let keys: readonly object[] = [{ ...publicKey.export({ format: "jwk" }), kid: "one", use: "sig", alg: "RS256" }];
  let url = "";
  const server = createServer({ key, cert }, (request, response) => {
    const pages: Readonly<Record<string, object>> = {
      "/.well-known/openid-configuration": { issuer: url, jwks_uri: `${url}/keys` },
      "/keys": { keys },
    };
    const page = pages[request.url ?? ""];
    response.writeHead(page ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(page ?? {}));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `https://${host}`;
  return {
    url,
    host,
    thumbprint: new X509Certificate(cert).fingerprint.replaceAll(":", "").toLowerCase(),
    token(claims, { key: other, header } = {}) {
      const now = Math.floor(Date.now() / 1000);
      const body = { iss: url, iat: now, nbf: now, exp: now + 3600, ...claims };
      return sign({ alg: "RS256", typ: "JWT", kid: "one", ...header }, body, other ?? privateKey);
    },
    publish: (other) => void (keys = other),
    [Symbol.asyncDispose]: () => close(server),
  };
}

function sign(header: object, claims: object, key: KeyObject): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part(header)}.${part(claims)}`;
  return `${signed}.${createSign("sha256").update(signed).sign({ key, dsaEncoding: "ieee-p1363" }).toString("base64url")}`;
}

function makeCertificate(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), "cauce-issuer-"));
  try {
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    const words = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"];
    execFileSync("openssl", [...words, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert], {
      stdio: "ignore",
    });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((done) => server.close(() => done()));
}
