import { GetObjectCommand, PutObjectCommand, S3 } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;
const Bucket = "presigned";
const Origin = "https://page.example";

beforeAll(async () => {
  cauce = await startCauce();
  s3 = new S3(cauce.client);
  await s3.createBucket({ Bucket });
  await s3.putObject({ Bucket, Key: "k", Body: "signed", ContentType: "text/plain" });
});

afterAll(async () => {
  s3.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const urlOf = (key: string) => getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: key }), { expiresIn: 60 });

describe("presigned URLs", () => {
  it("get and put without any other signature", async () => {
    const answer = await fetch(await urlOf("k"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("text/plain");
    expect(await answer.text()).toBe("signed");

    const put = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: "up" }), { expiresIn: 60 });
    expect((await fetch(put, { method: "PUT", body: "from a page" })).status).toBe(200);
    expect(await (await s3.getObject({ Bucket, Key: "up" })).Body?.transformToString()).toBe("from a page");
  });

  it("refuse another key, another method, and no signature at all", async () => {
    const url = await urlOf("k");
    const other = await fetch(url.replace("/k?", "/up?"));
    expect(other.status).toBe(403);
    expect(await other.text()).toContain("<Code>SignatureDoesNotMatch</Code>");
    expect((await fetch(url, { method: "DELETE" })).status).toBe(403);
    const bare = await fetch(`${cauce.endpoint}/${Bucket}/k`);
    expect(bare.status).toBe(403);
    expect(await bare.text()).toContain("<Code>AccessDenied</Code>");
  });

  it("answer a page as the bucket's CORS rules say, and only them", async () => {
    const url = await urlOf("k");
    expect((await fetch(url, { headers: { Origin } })).status).toBe(403);
    await s3.putBucketCors({
      Bucket,
      CORSConfiguration: {
        CORSRules: [
          {
            AllowedOrigins: ["https://*.example"],
            AllowedMethods: ["GET", "PUT"],
            AllowedHeaders: ["x-amz-*"],
            ExposeHeaders: ["ETag"],
            MaxAgeSeconds: 600,
          },
        ],
      },
    });
    const answer = await fetch(url, { headers: { Origin } });
    expect(await answer.text()).toBe("signed");
    expect(answer.headers.get("access-control-allow-origin")).toBe(Origin);
    expect(answer.headers.get("access-control-expose-headers")).toBe("ETag");
    expect(answer.headers.get("vary")).toContain("Origin");

    const preflight = (method: string, origin: string) =>
      fetch(url, {
        method: "OPTIONS",
        headers: {
          Origin: origin,
          "Access-Control-Request-Method": method,
          "Access-Control-Request-Headers": "X-Amz-Meta-A",
        },
      });
    const allowed = await preflight("PUT", Origin);
    expect(allowed.status).toBe(200);
    expect(allowed.headers.get("access-control-allow-methods")).toBe("GET, PUT");
    expect(allowed.headers.get("access-control-allow-headers")).toBe("X-Amz-Meta-A");
    expect(allowed.headers.get("access-control-max-age")).toBe("600");
    expect((await preflight("DELETE", Origin)).status).toBe(403);
    expect((await preflight("GET", "https://evil.test")).status).toBe(403);
    expect((await fetch(url, { headers: { Origin: "https://evil.test" } })).status).toBe(403);
  });

  it("say to the page what went wrong", async () => {
    const missing = await fetch(await urlOf("none"), { headers: { Origin } });
    expect(missing.status).toBe(404);
    expect(missing.headers.get("access-control-allow-origin")).toBe(Origin);
  });
});
