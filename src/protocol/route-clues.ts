import type { Quirks } from "./quirks.ts";
import { knownAuthorization } from "./signing/scope.ts";
import type { WireRequest } from "./wire.ts";

/** The service in the signature's scope: `Credential=AKID/20261122/eu-west-1/‹service›/aws4_request`. */
export function signedName(request: WireRequest): string | undefined {
  const header = request.headers["authorization"];
  const known = header === undefined ? undefined : knownAuthorization(header);
  if (known) return known.claim.service;
  if (header !== undefined) return /Credential=[^,\s]*?\/\d{8}\/[^/,\s]*\/([^/,\s]+)\/aws4_request/.exec(header)?.[1];
  if (!request.query.includes("X-Amz-Credential=")) return undefined;
  return /X-Amz-Credential=[^&]*?(?:%2F|\/)\d{8}(?:%2F|\/)[^/&]*?(?:%2F|\/)([^/&%]+)(?:%2F|\/)aws4_request/i.exec(
    request.query,
  )?.[1];
}

/** What a host says in place of a label: `b` of `b.s3.localhost:4566`, `b.s3.eu-west-1.localhost`, `b.localhost`. */
export function hostLabelOf(request: WireRequest, quirk: NonNullable<Quirks["hostLabel"]>): string | undefined {
  const host = request.host.replace(/:\d+$/, "").toLowerCase();
  const marker = `.${quirk.prefix}.`;
  const at = host.lastIndexOf(marker);
  if (at > 0 && DOMAIN.test(host.slice(at + marker.length))) return host.slice(0, at);
  const bare = /^([a-z0-9][a-z0-9-]*)\.localhost$/.exec(host)?.[1];
  return bare === quirk.prefix ? undefined : bare;
}

const DOMAIN = /^(?:[a-z0-9-]+\.)?(?:localhost|amazonaws\.com)$/;
