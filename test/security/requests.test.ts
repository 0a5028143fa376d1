import { readdirSync, readFileSync, statSync } from "node:fs";
import { connect, createServer } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { GetObjectCommand, PutObjectCommand, S3 } from "@aws-sdk/client-s3";
import { STS } from "@aws-sdk/client-sts";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sign } from "#aws";
import { sendRaw, sendSigned } from "#test/raw-http";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;
/** Holds the server's home and nothing else: what else turns up there was written by a trick. */
let around: string;
beforeAll(async () => {
  around = await mkdtemp(join(tmpdir(), "cauce-attacked-"));
  cauce = await startCauce({ home: join(around, "home") });
  s3 = new S3({ ...cauce.client, forcePathStyle: true });
  await s3.createBucket({ Bucket: "attacked" });
  await s3.putObject({ Bucket: "attacked", Key: "object", Body: "content" });
});
afterAll(async () => {
  // Whatever was sent: none of it may have met a bug of ours.
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
  await rm(around, { recursive: true, force: true });
});

const get = (path: string, headers: Record<string, string>) =>
  sendRaw(
    cauce.endpoint,
    `GET ${path} HTTP/1.1\r\n${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}connection: close\r\n\r\n`,
  );
const host = () => new URL(cauce.endpoint).host;
const signed = (path: string, extra: Record<string, string> = {}, at: Partial<Parameters<typeof sign>[1]> = {}) =>
  sign(
    { method: "GET", host: host(), path, headers: extra },
    { service: "s3", region: "us-east-1", credentials: cauce.credentials, now: new Date(), ...at },
  );

describe("who may ask", () => {
  it.each([
    "evil.example",
    "evil.example:4566",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "169.254.169.254",
    "",
  ])("the host %j is not ours, though the request is signed for it", async (name) => {
    const headers = sign(
      { method: "GET", host: name, path: "/attacked/object" },
      { service: "s3", region: "us-east-1", credentials: cauce.credentials, now: new Date() },
    );
    const answer = await get("/attacked/object", headers);
    expect(answer.status).toBe(403);
    expect(answer.body).not.toContain("content");
  });

  it("answers for no host of a request line either", async () => {
    const answer = await sendRaw(
      cauce.endpoint,
      `GET http://evil.example/attacked/object HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
    );
    expect(answer.status).toBe(403);
  });

  it.each(["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"])(
    "a page of %s is refused, signed or not, preflight too",
    async (origin) => {
      const headers = signed("/attacked/object", { origin });
      expect((await get("/attacked/object", headers)).status).toBe(403);
      const preflight = await fetch(`${cauce.endpoint}/`, {
        method: "OPTIONS",
        headers: { origin, "access-control-request-method": "POST" },
      });
      expect(preflight.status).toBe(403);
      expect(preflight.headers.get("access-control-allow-origin")).toBeNull();
      const lambda = await fetch(`${cauce.endpoint}/2015-03-31/functions`, { headers: { origin } });
      expect(lambda.status).toBe(403);
    },
  );

  it("a page is answered for a presigned object only where the bucket's rules say so", async () => {
    await s3.createBucket({ Bucket: "shared" });
    await s3.putObject({ Bucket: "shared", Key: "object", Body: "content" });
    await s3.putBucketCors({
      Bucket: "shared",
      CORSConfiguration: { CORSRules: [{ AllowedOrigins: ["https://app.example"], AllowedMethods: ["GET"] }] },
    });
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "shared", Key: "object" }));
    const from = (origin: string, address = url, method = "GET") => fetch(address, { method, headers: { origin } });
    const allowed = await from("https://app.example");
    expect([allowed.status, allowed.headers.get("access-control-allow-origin")]).toEqual([200, "https://app.example"]);
    expect((await from("https://evil.example")).status).toBe(403);
    expect((await from("https://app.example", `${cauce.endpoint}/shared/object`)).status).toBe(403);
    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket: "shared", Key: "object" }));
    expect((await from("https://app.example", put, "PUT")).status).toBe(403);
  });

  it("an unsigned request gets nowhere, whatever it asks", async () => {
    const asked: [string, RequestInit][] = [
      ["/", {}],
      ["/attacked/object", {}],
      ["/2015-03-31/functions", {}],
      ["/restapis", {}],
      [
        "/",
        {
          method: "POST",
          headers: { "x-amz-target": "SageMaker.ListModels", "content-type": "application/x-amz-json-1.1" },
          body: "{}",
        },
      ],
      [
        "/",
        {
          method: "POST",
          headers: { "content-type": "application/x-www-form-urlencoded" },
          body: "Action=ListRoles&Version=2010-05-08",
        },
      ],
      ["/endpoints/x/invocations", { method: "POST", body: "1" }],
      ["/_cauce/health", {}],
      ["/_cauce/journal", {}],
      ["/_cauce/shutdown", { method: "POST" }],
    ];
    for (const [path, init] of asked) {
      const answer = await fetch(cauce.endpoint + path, init);
      // AWS: services that speak JSON say 400 to a request without a signature.
      const missing = /Missing ?Authentication ?Token|AccessDenied/;
      expect([path, [400, 403].includes(answer.status), await answer.text()]).toEqual([
        path,
        true,
        expect.stringMatching(missing),
      ]);
    }
  });

  it.each([
    ["another secret", { credentials: { accessKeyId: "", secretAccessKey: "guess" } }, "SignatureDoesNotMatch"],
    [
      "a key that does not exist",
      { credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "guess" } },
      "InvalidAccessKeyId",
    ],
    ["a signature of an hour ago", { now: new Date(Date.now() - 3_600_000) }, "RequestTimeTooSkewed"],
    ["a signature of tomorrow", { now: new Date(Date.now() + 86_400_000) }, "RequestTimeTooSkewed"],
  ])("%s is refused", async (_what, { credentials, ...at }: Partial<Parameters<typeof sign>[1]>, code) => {
    const { accessKeyId } = cauce.credentials;
    const used = credentials && { ...credentials, accessKeyId: credentials.accessKeyId || accessKeyId };
    const answer = await get(
      "/attacked/object",
      signed("/attacked/object", {}, { ...at, ...(used && { credentials: used }) }),
    );
    expect(answer.status).toBe(403);
    expect(answer.body).toContain(code);
    expect(answer.body).not.toContain("content");
  });

  it("a signature for one service does not open another", async () => {
    const answer = await get("/attacked/object", signed("/attacked/object", {}, { service: "sts" }));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body).not.toContain("content");
  });

  it("a signed request that was changed on its way is refused", async () => {
    const headers = signed("/attacked/object");
    expect((await get("/attacked/object", headers)).status).toBe(200);
    expect((await get("/attacked/other", headers)).status).toBe(403);
    expect((await get("/attacked/object?acl", headers)).status).toBe(403);
    expect((await get("/attacked/object", { ...headers, "x-amz-security-token": "x" })).status).toBe(403);
    const body = sign(
      { method: "PUT", host: host(), path: "/attacked/put", body: "mine" },
      { service: "s3", region: "us-east-1", credentials: cauce.credentials, now: new Date() },
    );
    const put = await fetch(`${cauce.endpoint}/attacked/put`, { method: "PUT", headers: body, body: "ours" });
    expect(put.status).toBe(400);
    expect(await put.text()).toContain("XAmzContentSHA256Mismatch");
    await expect(s3.headObject({ Bucket: "attacked", Key: "put" })).rejects.toMatchObject({ name: "NotFound" });
  });

  it("a presigned URL ends when it says, and holds for one object and one method", async () => {
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "attacked", Key: "object" }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    const late = await fetch(url);
    expect(late.status).toBe(403);
    expect(await late.text()).toContain("Request has expired");
    const good = await getSignedUrl(s3, new GetObjectCommand({ Bucket: "attacked", Key: "object" }));
    expect((await fetch(good)).status).toBe(200);
    expect((await fetch(good.replace("/object?", "/other?"))).status).toBe(403);
    expect((await fetch(good, { method: "DELETE" })).status).toBe(403);
    expect((await fetch(good.replace("X-Amz-Expires=900", "X-Amz-Expires=604800"))).status).toBe(403);
    expect((await fetch(`${good}&x=1`)).status).toBe(403);
  });

  it("another token cannot be put beside a role's key", async () => {
    const sts = new STS(cauce.client);
    const bad = new STS({ ...cauce.client, credentials: { ...cauce.credentials, sessionToken: "made up" } });
    await expect(sts.getCallerIdentity({})).resolves.toMatchObject({ Account: "000000000000" });
    await expect(bad.getCallerIdentity({})).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });
});

describe("what a request may do to the server", () => {
  const alive = async () => expect((await s3.listBuckets({})).Buckets?.length).toBeGreaterThan(0);

  it("listens on 127.0.0.1 and nowhere else", async () => {
    const { port } = new URL(cauce.endpoint);
    const others = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of others) {
      const reached = await new Promise((done) => {
        const socket = connect({ host: address, port: Number(port), timeout: 1000 }, () => done(true));
        socket.on("error", () => done(false)).on("timeout", () => done(false));
      });
      expect(reached).toBe(false);
    }
    // The same port is free everywhere else.
    await new Promise<void>((done, fail) => {
      const other = createServer()
        .once("error", fail)
        .listen({ host: "127.0.0.2", port: Number(port) }, () => other.close(() => done()));
    });
  });

  it("writes its keys, its state and its logs for its owner alone", () => {
    const files = readdirSync(cauce.home, { withFileTypes: true }).filter((entry) => entry.isFile());
    const open = files.filter(({ name }) => (statSync(join(cauce.home, name)).mode & 0o077) !== 0);
    expect(open.map(({ name }) => name)).toEqual([]);
    expect(readFileSync(join(cauce.home, "credentials"), "utf8")).toContain(cauce.credentials.secretAccessKey);
  });

  it("survives lines that are no HTTP, huge headers, slow ones, and connections that go away", async () => {
    const garbage = [
      "\0\0\0\0\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      `GET /${"a".repeat(100_000)} HTTP/1.1\r\n\r\n`,
    ];
    for (const bytes of garbage) expect((await sendRaw(cauce.endpoint, bytes)).status).toBeGreaterThanOrEqual(400);
    const huge = await sendRaw(cauce.endpoint, `GET / HTTP/1.1\r\nhost: ${host()}\r\nx: ${"y".repeat(64_000)}\r\n\r\n`);
    expect(huge.status).toBe(431);
    const slow = Array.from({ length: 200 }, () => {
      const { hostname, port } = new URL(cauce.endpoint);
      const socket = connect({ host: hostname, port: Number(port) }, () => socket.write("GET / HT"));
      return socket.on("error", () => {});
    });
    await alive();
    for (const socket of slow) socket.destroy();
    // Half of what was promised.
    await sendRaw(
      cauce.endpoint,
      `PUT /attacked/half HTTP/1.1\r\nhost: ${host()}\r\ncontent-length: 1000\r\n\r\nhalf`,
      300,
    );
    const cut = sign(
      { method: "PUT", host: host(), path: "/attacked/half", body: "x".repeat(1000) },
      { service: "s3", region: "us-east-1", credentials: cauce.credentials, now: new Date() },
    );
    const lines = Object.entries(cut)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("");
    await sendRaw(cauce.endpoint, `PUT /attacked/half HTTP/1.1\r\n${lines}content-length: 1000\r\n\r\nhalf`, 300);
    await expect(s3.headObject({ Bucket: "attacked", Key: "half" })).rejects.toMatchObject({ name: "NotFound" });
    await alive();
  });

  it("takes no second request out of the body of the first", async () => {
    const smuggled = [
      "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\nGET /_cauce/health HTTP/1.1\r\n",
      "content-length: 4\r\ncontent-length: 40\r\n\r\nabcd",
      "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    ];
    for (const rest of smuggled) {
      const { status, body } = await sendRaw(cauce.endpoint, `POST / HTTP/1.1\r\nhost: ${host()}\r\n${rest}`, 1000);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(body).not.toContain("HTTP/1.1 200");
    }
  });

  it("refuses a body that is too large without keeping it", async () => {
    const before = process.memoryUsage().rss;
    const zeros = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(new Uint8Array(1 << 20));
      },
    });
    for (const path of ["/", "/_cauce/health"]) {
      const outcome = await fetch(cauce.endpoint + path, {
        method: "POST",
        body: zeros.locked ? new Uint8Array(200 << 20) : zeros,
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": "SageMaker.ListModels" },
        duplex: "half",
      } as RequestInit).then(
        ({ status }) => status,
        () => 0,
      );
      // 0: the server closed while the client still sent, which is all that a client can be told then.
      expect([0, 403, 413]).toContain(outcome);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(700 << 20);
    await alive();
  });
});

describe("names that look like paths", () => {
  const secret = () => cauce.credentials.secretAccessKey;
  const listing = () => [
    ...readdirSync(around),
    ...readdirSync(cauce.home).filter((name) => !name.startsWith("state.db-")),
  ];

  it.each([
    "/attacked/../../credentials",
    "/attacked/%2e%2e/%2e%2e/credentials",
    "/attacked/..%2f..%2fcredentials",
    "/attacked/..%5c..%5ccredentials",
    "/attacked/..\\..\\credentials",
    "/../credentials",
    "/..%2fcredentials",
    "/%2e%2e/credentials",
    "/%2fetc/passwd",
    "/.credentials/x",
    "/attacked//etc/passwd",
    "/attacked/%00",
    "/attacked/a%00b",
    "/attacked/%c0%ae%c0%ae/credentials",
    "/attacked/%",
    "/attacked/%zz",
    "/_aws/../credentials",
    "/_aws/execute-api/../../credentials",
    "/_cauce/../credentials",
    "/2015-03-31/functions/..%2f..%2fcredentials/invocations",
  ])("%s reads no file and writes none", async (path) => {
    const before = listing();
    for (const method of ["GET", "HEAD", "PUT", "DELETE"]) {
      const body = method === "PUT" ? "written by a test" : "";
      const answer = await sendSigned({ ...cauce.client, credentials: cauce.credentials }, { method, path, body });
      expect([method, answer.status]).not.toEqual([method, 0]);
      expect(answer.status).toBeLessThan(500);
      expect(answer.body).not.toContain(secret());
      expect(answer.body).not.toContain("root:");
    }
    expect(listing()).toEqual(before);
    expect(readFileSync(join(cauce.home, "credentials"), "utf8")).toContain(secret());
  });

  it("keeps such a name as the name of an object, and nothing else", async () => {
    const names = [
      "../../credentials",
      "/etc/passwd",
      "a/../b",
      "./c",
      "d\\e",
      "f//g",
      "\u0001",
      "%2e%2e/h",
      "con",
      "ü/é".normalize("NFD"),
    ];
    for (const Key of names) {
      const path = `/attacked/${Key.split("/")
        .map((part) => encodeURIComponent(part))
        .join("/")}`;
      const put = await sendSigned(
        { ...cauce.client, credentials: cauce.credentials },
        { method: "PUT", path, body: Key },
      );
      expect([Key, put.status]).toEqual([Key, 200]);
      const got = await sendSigned({ ...cauce.client, credentials: cauce.credentials }, { method: "GET", path });
      expect(got.body).toBe(Key);
    }
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: "attacked", EncodingType: "url" });
    const listed = Contents.map(({ Key }) => decodeURIComponent((Key ?? "").replaceAll("+", " ")));
    expect(listed).toEqual(expect.arrayContaining(names));
  });
});
