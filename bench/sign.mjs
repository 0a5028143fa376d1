// Signature Version 4, apart from the product's own: the bench must not trust what it measures.
import { createHash, createHmac } from "node:crypto";

const sha256 = (data) => createHash("sha256").update(data).digest("hex");
const hmac = (key, data) => createHmac("sha256", key).update(data).digest();

/** The headers to send. `path` as it goes on the wire, without a query. */
export function signedHeaders({ method, path, query = "", service, headers = {}, body = "", payloadHash }, server) {
  const { host, region, accessKeyId, secretAccessKey } = server;
  const time = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const date = time.slice(0, 8);
  const hash = payloadHash ?? sha256(body);
  const all = { ...headers, host, "x-amz-date": time, "x-amz-content-sha256": hash };
  const names = Object.keys(all).sort();
  const canonical = [
    method,
    path,
    query,
    ...names.map((name) => `${name}:${all[name]}`),
    "",
    names.join(";"),
    hash,
  ].join("\n");
  const scope = `${date}/${region}/${service}/aws4_request`;
  const key = [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date));
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${sha256(canonical)}`).toString("hex");
  const authorization = `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...all, authorization };
}
