import { askUrl, type Credentials, sign } from "#aws";
import type { Health } from "#server";
import { readCredentials } from "./server-file.ts";

/** Asks a server's `/_cauce/*`, signed with the home's keys. Undefined: nobody there, or not our server. */
export async function askConsole<T>(
  at: { readonly endpoint: string; readonly home: string; readonly region: string },
  method: "GET" | "POST",
  route: "health" | "shutdown" | "journal",
): Promise<T | undefined> {
  const credentials = readCredentials(at.home);
  return credentials && askSigned<T>({ ...at, credentials }, method, route);
}

/** The same of a server whose keys are known. */
export async function askSigned<T>(
  at: { readonly endpoint: string; readonly region: string; readonly credentials: Credentials; readonly ca?: string },
  method: "GET" | "POST",
  route: "health" | "shutdown" | "journal",
): Promise<T | undefined> {
  const { credentials, ca } = at;
  const url = new URL(`/_cauce/${route}`, at.endpoint);
  const request = { method, host: url.host, path: url.pathname, body: "" };
  const { host: _host, ...headers } = sign(request, {
    service: "cauce",
    region: at.region,
    credentials,
    now: new Date(),
  });
  try {
    const { status, body } = await askUrl(url, { method, headers, ca, signal: AbortSignal.timeout(5000) });
    return status === 200 ? (JSON.parse(body) as T) : undefined;
  } catch {
    return undefined;
  }
}

/** The health of the server at `endpoint` when it serves this home. */
export async function healthOf(at: { endpoint: string; home: string; region: string }): Promise<Health | undefined> {
  const health = await askConsole<Health>(at, "GET", "health");
  return health?.home === at.home ? health : undefined;
}
