import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { zipSync, type Zippable } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type HostingTarget, openTarget } from "../conformance/sagemaker-hosting/hosting-target.ts";

let target: HostingTarget;
let lambda: Lambda;
beforeAll(async () => {
  target = await openTarget();
  lambda = new Lambda(target.cauce.client);
  const trust = [{ Effect: "Allow", Principal: { Service: "lambda.amazonaws.com" }, Action: "sts:AssumeRole" }];
  await new IAM(target.cauce.client).createRole({
    RoleName: "function",
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: trust }),
  });
});
afterAll(async () => {
  expect(target.cauce.reports).toEqual([]);
  await target.cauce[Symbol.asyncDispose]();
});

const text = (content: string) => new TextEncoder().encode(content);
const unix = (mode: number) => ({ os: 3, attrs: mode << 16 });
/** Absolute, so that a way out would be seen; in the home, so that it goes with it. */
const canary = () => join(target.cauce.home, "canary");

describe("a function's zip", () => {
  const create = (name: string, files: Zippable) => send(name, zipSync(files, { level: 1 }));
  const send = (FunctionName: string, ZipFile: Uint8Array) =>
    lambda.createFunction({
      FunctionName,
      Runtime: "nodejs22.x",
      Handler: "index.handler",
      Role: "arn:aws:iam::000000000000:role/function",
      Code: { ZipFile },
    });

  it.each<[string, () => Zippable]>([
    ["a name that leads out", () => ({ "../../../canary": text("out") })],
    ["a name that leads out in the middle", () => ({ "a/../../../../canary": text("out") })],
    ["an absolute name", () => ({ [canary()]: text("out") })],
    ["a name with backslashes", () => ({ "..\\..\\canary": text("out") })],
    ["a drive", () => ({ "C:/canary": text("out") })],
    ["a link", () => ({ way: [text(target.cauce.home), unix(0o120777)] })],
    [
      "a link and a file through it",
      () => ({ way: [text(target.cauce.home), unix(0o120777)], "way/canary": text("out") }),
    ],
    ["a device", () => ({ zero: [text(""), unix(0o020666)] })],
    ["a pipe", () => ({ pipe: [text(""), unix(0o010666)] })],
    ["a file that is a folder too", () => ({ a: text("file"), "a/b": text("below") })],
    ["a name that no file can have", () => ({ ["n".repeat(300)]: text("long") })],
    ["nothing", () => ({})],
  ])("with %s is refused", async (what, files) => {
    const name = `zip-${what.replaceAll(" ", "-")}`;
    await expect(create(name, files())).rejects.toMatchObject({
      name: "InvalidParameterValueException",
      $metadata: { httpStatusCode: 400 },
    });
    await expect(lambda.getFunction({ FunctionName: name })).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
    expect(existsSync(canary())).toBe(false);
  });

  it("that unpacks to more than it says is refused, and leaves nothing behind", async () => {
    const lies = Buffer.from(zipSync({ "index.js": new Uint8Array(16 << 20) }, { level: 1 }));
    lies.writeUInt32LE(10, lies.lastIndexOf("PK\u0001\u0002", undefined, "latin1") + 24);
    await expect(send("lies", lies)).rejects.toMatchObject({ name: "InvalidParameterValueException" });
    expect(
      readdirSync(join(target.cauce.home, "lambda"), { recursive: true }).filter((name) =>
        String(name).endsWith(".partial"),
      ),
    ).toEqual([]);
  });

  it("that is none is refused", async () => {
    for (const bytes of [text("not a zip"), new Uint8Array(100), zipSync({ a: text("b") }).subarray(0, 40)])
      await expect(send("none", bytes)).rejects.toMatchObject({ name: "InvalidParameterValueException" });
  });
});

describe("a model.tar.gz", () => {
  it.each<[string, () => Buffer]>([
    ["a name that leads out", () => tar({ name: "../../../canary", body: "out" })],
    ["an absolute name", () => tar({ name: canary(), body: "out" })],
    ["a symbolic link", () => tar({ name: "way", type: "2", link: target.cauce.home })],
    [
      "a symbolic link and a file through it",
      () => tar({ name: "way", type: "2", link: target.cauce.home }, { name: "way/canary", body: "out" }),
    ],
    ["a hard link", () => tar({ name: "keys", type: "1", link: join(target.cauce.home, "credentials") })],
    ["a device", () => tar({ name: "zero", type: "3" })],
    ["a pipe", () => tar({ name: "pipe", type: "6" })],
    ["a bomb in it", () => tar({ name: "xgboost-model", body: Buffer.alloc(40 << 20) })],
    ["no gzip around it", () => Buffer.from("not an archive")],
  ])("with %s fails the endpoint, with a reason", { timeout: 30_000 }, async (what, archive) => {
    const name = `tar-${what.replaceAll(" ", "-")}`;
    await target.model(name, archive(), {});
    await target.sagemaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
    const { EndpointStatus, FailureReason } = await target.settled(name);
    expect(EndpointStatus).toBe("Failed");
    expect(FailureReason).toMatch(/\w/);
    expect(FailureReason).not.toMatch(/\n\s+at /);
    expect(existsSync(canary())).toBe(false);
  });
});

interface TarEntry {
  readonly name: string;
  readonly type?: string;
  readonly link?: string;
  readonly body?: string | Buffer;
}

/** As the format is, without a library that would keep us from doing wrong. */
function tar(...entries: TarEntry[]): Buffer {
  const blocks = entries.flatMap(({ name, type = "0", link = "", body = "" }) => {
    const bytes = Buffer.from(body);
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        ", 148);
    header.write(type, 156);
    header.write(link, 157, 100);
    header.write("ustar\0" + "00", 257);
    const sum = header.reduce((total, byte) => total + byte);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]), { level: 9 });
}
