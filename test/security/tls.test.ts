import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { askUrl } from "#aws";
import { type RunningServer, startServer, type TlsDoor } from "#server";

let folder: string;
let server: RunningServer;
let door: TlsDoor;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "cauce-tls-"));
  for (const name of ["ours", "other"]) {
    const words = [
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-subj",
      "/CN=cauce",
    ];
    execFileSync("openssl", [...words, "-keyout", file(name, "key"), "-out", file(name, "cert")], { stdio: "ignore" });
  }
  door = { host: "127.0.0.1", port: 0, cert: file("ours", "cert"), key: file("ours", "key") };
  server = await start(join(folder, "home"), door);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

it("answers at both doors, over TLS at the second", async () => {
  const plain = await askUrl(`${server.endpoint}/_cauce/health`);
  const secure = await askUrl(`${server.secureEndpoint}/_cauce/health`, { ca: readFileSync(door.cert, "utf8") });
  // Neither is signed: both are refused, by the same server.
  expect(plain.status).toBe(403);
  expect(secure).toEqual(plain);
  expect(server.endpoint).toMatch(/^http:/);
  expect(server.secureEndpoint).toMatch(/^https:/);
});

it("reads no more than a megabyte of somebody who names none of its keys", async () => {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": "SageMaker.ListModels" };
  const body = Buffer.alloc(2 * 1024 * 1024, " ");
  const ask = (authorization: string) =>
    askUrl(server.endpoint, { method: "POST", headers: { ...headers, authorization }, body });
  const scope = "20260101/us-east-1/sagemaker/aws4_request, SignedHeaders=host, Signature=00";
  expect(await ask(`AWS4-HMAC-SHA256 Credential=AKIAAAAAAAAAAAAAAAAA/${scope}`)).toMatchObject({ status: 413 });
  // Of its own key it reads all, and then finds the signature wrong.
  const own = await ask(`AWS4-HMAC-SHA256 Credential=${server.credentials.accessKeyId}/${scope}`);
  expect(own.status).not.toBe(413);
  expect(own.status).toBeGreaterThanOrEqual(400);
});

it("is trusted by its certificate, and by no other", async () => {
  const url = `${server.secureEndpoint}/`;
  await expect(askUrl(url)).rejects.toThrow(/self-signed|self signed/);
  await expect(askUrl(url, { ca: readFileSync(file("other", "cert"), "utf8") })).rejects.toThrow();
});

it("refuses a key that does not belong to the certificate, and gives the home back", async () => {
  const home = join(folder, "second");
  const wrong = { ...door, key: file("other", "key") };
  await expect(start(home, wrong)).rejects.toMatchObject({ explanation: { code: "TlsUnusable" } });
  const later = await start(home, { ...door, port: 0 });
  await later.close();
});

function file(name: string, kind: string): string {
  return join(folder, `${name}-${kind}.pem`);
}

function start(home: string, tls: TlsDoor): Promise<RunningServer> {
  const settings = {
    home,
    account: "000000000000",
    region: "us-east-1",
    host: "127.0.0.1",
    port: 0,
    assets: resolve(import.meta.dirname, "../.."),
  };
  return startServer({
    settings,
    version: "0",
    report: (where, error) => expect({ where, error }).toBeUndefined(),
    tls,
  });
}
