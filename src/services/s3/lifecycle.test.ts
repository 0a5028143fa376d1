import { rm } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { type InputOf, rootPrincipal } from "#kernel";
import { expire } from "./expire.ts";
import { type Bench, openBench } from "./kernel.fixture.ts";
import type { S3Context } from "./state.ts";

type Rule = NonNullable<
  NonNullable<InputOf<"s3", "PutBucketLifecycleConfiguration">["LifecycleConfiguration"]>["Rules"]
>[number];

const DAY = 86_400_000;
const Bucket = "lively";
let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
  await bench.call("CreateBucket", { Bucket });
});
afterEach(() => bench.close());

const put = (Key: string, body = "x", more: object = {}) =>
  bench.call("PutObject", { Bucket, Key, Body: Buffer.from(body), ...more });
const version = (Status: "Enabled" | "Suspended") =>
  bench.call("PutBucketVersioning", { Bucket, VersioningConfiguration: { Status } });
const putRules = (...Rules: Rule[]) =>
  bench.call("PutBucketLifecycleConfiguration", { Bucket, LifecycleConfiguration: { Rules } });
const on = { Status: "Enabled", Filter: { Prefix: "" } } as const;
const days = (count: number) => bench.clock.advance(count * DAY);
const run = () =>
  expire(
    bench.kernel.context("s3", rootPrincipal("000000000000")) as unknown as S3Context,
    new AbortController().signal,
  );

async function listed(): Promise<string[]> {
  const page = await bench.call("ListObjectVersions", { Bucket });
  return [
    ...(page.Versions ?? []).map(({ Key, Size }) => `${Key} ${Size}`),
    ...(page.DeleteMarkers ?? []).map(({ Key }) => `${Key} marker`),
  ];
}

describe("lifecycle rules", () => {
  it("are kept as they were put", async () => {
    await expect(bench.call("GetBucketLifecycleConfiguration", { Bucket })).rejects.toMatchObject({
      code: "NoSuchLifecycleConfiguration",
    });
    const rules: Rule[] = [
      { ID: "old", Status: "Disabled", Prefix: "logs/", Expiration: { Days: 3 } },
      {
        ID: "many",
        Status: "Enabled",
        Filter: { And: { Prefix: "a", Tags: [{ Key: "k", Value: "v" }], ObjectSizeGreaterThan: 5 } },
        Expiration: { Date: new Date("2027-01-01T00:00:00Z") },
        NoncurrentVersionExpiration: { NoncurrentDays: 2, NewerNoncurrentVersions: 3 },
      },
      {
        ID: "tidy",
        ...on,
        AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
        Expiration: { ExpiredObjectDeleteMarker: true },
      },
    ];
    await putRules(...rules);
    expect((await bench.call("GetBucketLifecycleConfiguration", { Bucket })).Rules).toEqual(rules);
    await bench.call("DeleteBucketLifecycle", { Bucket });
    await expect(bench.call("GetBucketLifecycleConfiguration", { Bucket })).rejects.toMatchObject({
      code: "NoSuchLifecycleConfiguration",
    });
  });

  it.each<[string, Rule[], string, string?]>([
    ["no rule", [], "MalformedXML"],
    ["no action", [on], "InvalidRequest", "At least one action needs to be specified in a rule."],
    ["neither prefix nor filter", [{ Status: "Enabled", Expiration: { Days: 1 } }], "MalformedXML"],
    ["days and date", [{ ...on, Expiration: { Days: 1, Date: new Date(0) } }], "MalformedXML"],
    [
      "zero days",
      [{ ...on, Expiration: { Days: 0 } }],
      "InvalidArgument",
      "'Days' for Expiration action must be a positive integer",
    ],
    [
      "a time of day",
      [{ ...on, Expiration: { Date: new Date(1) } }],
      "InvalidArgument",
      "'Date' must be at midnight GMT",
    ],
    ["one condition", [{ ...on, Filter: { And: { Prefix: "a" } }, Expiration: { Days: 1 } }], "MalformedXML"],
    [
      "two without And",
      [{ ...on, Filter: { Prefix: "a", ObjectSizeLessThan: 3 }, Expiration: { Days: 1 } }],
      "MalformedXML",
    ],
    [
      "one id twice",
      [
        { ...on, ID: "a", Expiration: { Days: 1 } },
        { ...on, ID: "a", Expiration: { Days: 2 } },
      ],
      "InvalidArgument",
    ],
    [
      "tags of an upload",
      [
        {
          ...on,
          Filter: { Tag: { Key: "a", Value: "b" } },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
      "InvalidRequest",
      "AbortIncompleteMultipartUpload cannot be specified with Tags.",
    ],
    ["a transition", [{ ...on, Transitions: [{ Days: 30, StorageClass: "GLACIER" }] }], "NotImplemented"],
  ])("are refused: %s", async (_, rules, code, message) => {
    await expect(putRules(...rules)).rejects.toMatchObject({ code, ...(message !== undefined && { message }) });
  });
});

describe("expiration", () => {
  it("takes objects after their days, at midnight, by prefix, size and tag", async () => {
    await putRules(
      { Status: "Enabled", Filter: { Prefix: "day/" }, Expiration: { Days: 1 } },
      { Status: "Enabled", Filter: { ObjectSizeGreaterThan: 100 }, Expiration: { Days: 2 } },
      {
        Status: "Enabled",
        Filter: { Tag: { Key: "keep", Value: "no" } },
        Expiration: { Date: new Date("2026-03-05") },
      },
      { Status: "Disabled", Filter: { Prefix: "" }, Expiration: { Days: 1 } },
    );
    await put("day/a");
    await put("large", "x".repeat(101));
    await put("kept", "x".repeat(100), { Tagging: "keep=yes" });
    await put("tagged", "x", { Tagging: "keep=no" });
    days(1);
    await run();
    expect(await listed()).toEqual(["day/a 1", "kept 100", "large 101", "tagged 1"]);
    days(0.5);
    await run();
    expect(await listed()).toEqual(["kept 100", "large 101", "tagged 1"]);
    days(1);
    await run();
    expect(await listed()).toEqual(["kept 100", "tagged 1"]);
    days(2);
    await run();
    expect(await listed()).toEqual(["kept 100"]);
  });

  it("says in the answers when an object will go, and by which rule", async () => {
    await putRules({ ID: "a rule", Status: "Enabled", Filter: { Prefix: "day/" }, Expiration: { Days: 1 } });
    const Expiration = 'expiry-date="Tue, 03 Mar 2026 00:00:00 GMT", rule-id="a%20rule"';
    expect((await put("day/a")).Expiration).toBe(Expiration);
    expect((await bench.call("HeadObject", { Bucket, Key: "day/a" })).Expiration).toBe(Expiration);
    expect((await put("other")).Expiration).toBeUndefined();
  });

  it("lays delete markers with versioning, and removes what is noncurrent, and markers over nothing", async () => {
    await version("Enabled");
    await put("a", "1");
    await put("a", "22");
    await putRules({
      Status: "Enabled",
      Filter: { Prefix: "" },
      Expiration: { Days: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: 5 },
    });
    days(2);
    await run();
    expect(await listed()).toEqual(["a 2", "a 1", "a marker"]);
    days(4);
    await run();
    expect(await listed()).toEqual(["a 2", "a marker"]);
    days(2);
    await run();
    expect(await listed()).toEqual(["a marker"]);
    await run();
    expect(await listed()).toEqual([]);
  });

  it("keeps as many noncurrent versions as it is told", async () => {
    await version("Enabled");
    for (const body of ["1", "22", "333", "4444"]) await put("a", body);
    await put("b", "1");
    await putRules({ ...on, NoncurrentVersionExpiration: { NoncurrentDays: 1, NewerNoncurrentVersions: 1 } });
    days(3);
    await run();
    expect(await listed()).toEqual(["a 4", "a 3", "b 1"]);
  });

  it("aborts uploads that were not completed, and removes their bytes", async () => {
    await bench.call("CreateMultipartUpload", { Bucket, Key: "old" }).then(({ UploadId }) =>
      bench.call("UploadPart", {
        Bucket,
        Key: "old",
        UploadId: UploadId ?? "",
        PartNumber: 1,
        Body: Buffer.from("x"),
      }),
    );
    await putRules({ ...on, AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 } });
    days(7);
    expect(await bench.call("CreateMultipartUpload", { Bucket, Key: "new" })).toMatchObject({
      AbortDate: new Date("2026-03-16T00:00:00Z"),
      AbortRuleId: expect.any(String) as string,
    });
    days(0.9);
    await run();
    const { Uploads: left } = await bench.call("ListMultipartUploads", { Bucket });
    expect(left?.map(({ Key }) => Key)).toEqual(["new"]);
  });

  it("survives a restart: what is due is done when the server comes back", async () => {
    await put("a");
    await putRules({ ...on, Expiration: { Days: 1 } });
    const { home } = bench;
    await bench.kernel.stop();
    bench = await openBench(home, "2026-03-10T00:00:00Z");
    await expect
      .poll(async () => (await bench.call("ListObjectsV2", { Bucket })).KeyCount, { interval: 50, timeout: 5000 })
      .toBe(0);
    onTestFinished(() => rm(home, { recursive: true }));
  });
});
