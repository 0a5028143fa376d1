import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { startCauce, type TestServer } from "#test/start-cauce";
import { afterAll, beforeAll, expect, it } from "vitest";

let cauce: TestServer;
let logs: CloudWatchLogs;
beforeAll(async () => {
  cauce = await startCauce();
  logs = new CloudWatchLogs(cauce.client);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

const now = Date.now();

async function group(logGroupName: string, ...streams: string[]): Promise<void> {
  await logs.createLogGroup({ logGroupName });
  for (const logStreamName of streams) await logs.createLogStream({ logGroupName, logStreamName });
}

function put(logGroupName: string, logStreamName: string, events: [number, string][]) {
  return logs.putLogEvents({
    logGroupName,
    logStreamName,
    logEvents: events.map(([at, message]) => ({ timestamp: now + at, message })),
  });
}

it("makes, lists and removes groups", async () => {
  await group("/g/one");
  await group("/g/two");
  await expect(logs.createLogGroup({ logGroupName: "/g/one" })).rejects.toMatchObject({
    name: "ResourceAlreadyExistsException",
    message: "The specified log group already exists",
  });
  const first = await logs.describeLogGroups({ logGroupNamePrefix: "/g/", limit: 1 });
  expect(first.logGroups?.[0]).toMatchObject({
    logGroupName: "/g/one",
    arn: "arn:aws:logs:us-east-1:000000000000:log-group:/g/one:*",
    logGroupArn: "arn:aws:logs:us-east-1:000000000000:log-group:/g/one",
    storedBytes: 0,
    logGroupClass: "STANDARD",
  });
  const second = await logs.describeLogGroups({ logGroupNamePrefix: "/g/", limit: 1, nextToken: first.nextToken });
  expect([second.logGroups?.[0]?.logGroupName, second.nextToken]).toEqual(["/g/two", undefined]);
  expect((await logs.describeLogGroups({ logGroupNamePattern: "G/TW" })).logGroups).toHaveLength(1);
  await logs.deleteLogGroup({ logGroupName: "/g/one" });
  await expect(logs.deleteLogGroup({ logGroupName: "/g/one" })).rejects.toMatchObject({
    name: "ResourceNotFoundException",
    message: "The specified log group does not exist.",
  });
});

it("keeps retention and tags", async () => {
  await group("kept");
  const logGroupName = "kept";
  const resourceArn = "arn:aws:logs:us-east-1:000000000000:log-group:kept";
  await logs.putRetentionPolicy({ logGroupName, retentionInDays: 7 });
  expect((await logs.describeLogGroups({ logGroupNamePrefix: "kept" })).logGroups?.[0]?.retentionInDays).toBe(7);
  await expect(logs.putRetentionPolicy({ logGroupName, retentionInDays: 2 })).rejects.toMatchObject({
    name: "InvalidParameterException",
  });
  await logs.deleteRetentionPolicy({ logGroupName });
  expect(
    (await logs.describeLogGroups({ logGroupNamePrefix: "kept" })).logGroups?.[0]?.retentionInDays,
  ).toBeUndefined();
  await logs.tagResource({ resourceArn, tags: { a: "1", b: "2" } });
  await logs.untagResource({ resourceArn, tagKeys: ["a"] });
  expect((await logs.listTagsForResource({ resourceArn })).tags).toEqual({ b: "2" });
});

it("lists streams by name and by their last event", async () => {
  await group("streams", "a", "b", "c");
  const names = async (more: object) =>
    (await logs.describeLogStreams({ logGroupName: "streams", ...more })).logStreams?.map((each) => each.logStreamName);
  await put("streams", "b", [[0, "x"]]);
  await put("streams", "a", [
    [-1000, "y"],
    [1000, "z"],
  ]);
  expect(await names({})).toEqual(["a", "b", "c"]);
  expect(await names({ logStreamNamePrefix: "b" })).toEqual(["b"]);
  expect((await names({ orderBy: "LastEventTime", descending: true }))?.slice(0, 2)).toContain("a");
  const page = await logs.describeLogStreams({ logGroupName: "streams", limit: 2 });
  expect(await names({ nextToken: page.nextToken })).toEqual(["c"]);
  const [a] = (await logs.describeLogStreams({ logGroupName: "streams" })).logStreams ?? [];
  expect(a).toMatchObject({ firstEventTimestamp: now - 1000, lastEventTimestamp: now + 1000, storedBytes: 0 });
  await expect(
    logs.describeLogStreams({ logGroupName: "streams", orderBy: "LastEventTime", logStreamNamePrefix: "a" }),
  ).rejects.toMatchObject({
    message: "Cannot order by LastEventTime with a logStreamNamePrefix.",
  });
  await logs.deleteLogStream({ logGroupName: "streams", logStreamName: "a" });
  await expect(put("streams", "a", [[0, "x"]])).rejects.toMatchObject({
    message: "The specified log stream does not exist.",
  });
});

it("reads a stream both ways, page by page, whatever the order in which batches came", async () => {
  await group("pages", "s");
  const expected: string[] = [];
  for (let i = 0; i < 40; i++) expected.push(`m${i}`);
  // Batches that overlap: even ones first, odd ones after.
  for (const odd of [0, 1]) {
    const events = expected.map((message, i): [number, string] => [i * 10, message]).filter((_, i) => i % 2 === odd);
    await put("pages", "s", events.slice(10));
    await put("pages", "s", events.slice(0, 10));
  }
  const at = { logGroupName: "pages", logStreamName: "s" };
  const forward: string[] = [];
  let token: string | undefined;
  for (;;) {
    const page = await logs.getLogEvents({
      ...at,
      startFromHead: true,
      limit: 7,
      ...(token !== undefined && { nextToken: token }),
    });
    forward.push(...(page.events ?? []).map(({ message = "" }) => message));
    if (page.nextForwardToken === token) break;
    token = page.nextForwardToken;
  }
  expect(forward).toEqual(expected);

  const tail = await logs.getLogEvents({ ...at, limit: 5 });
  expect(tail.events?.map(({ message }) => message)).toEqual(expected.slice(-5));
  const before = await logs.getLogEvents({ ...at, limit: 5, nextToken: tail.nextBackwardToken });
  expect(before.events?.map(({ message }) => message)).toEqual(expected.slice(-10, -5));
  const after = await logs.getLogEvents({ ...at, limit: 50, nextToken: before.nextForwardToken });
  expect(after.events?.map(({ message }) => message)).toEqual(expected.slice(-5));
  const between = await logs.getLogEvents({ ...at, startFromHead: true, startTime: now + 100, endTime: now + 130 });
  expect(between.events?.map(({ message }) => message)).toEqual(["m10", "m11", "m12"]);
  // What comes later is found from the old end.
  await put("pages", "s", [[5000, "late"]]);
  const late = await logs.getLogEvents({ ...at, nextToken: after.nextForwardToken });
  expect(late.events?.map(({ message }) => message)).toEqual(["late"]);
  await expect(logs.getLogEvents({ ...at, nextToken: "nonsense" })).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "The specified nextToken is invalid.",
  });
});

it("filters a whole group in the order of time", async () => {
  await group("filter", "a", "b");
  await put("filter", "a", [
    [0, "ERROR one"],
    [20, "fine"],
    [40, '{"level":"error","ms":12}'],
  ]);
  await put("filter", "b", [
    [10, "ERROR two"],
    [30, "WARN three"],
  ]);
  const messages = async (more: object) =>
    (await logs.filterLogEvents({ logGroupName: "filter", ...more })).events?.map(({ message }) => message);
  expect(await messages({ filterPattern: "ERROR" })).toEqual(["ERROR one", "ERROR two"]);
  expect(await messages({ filterPattern: "?WARN ?two" })).toEqual(["ERROR two", "WARN three"]);
  expect(await messages({ filterPattern: '{ $.level = "error" && $.ms > 10 }' })).toHaveLength(1);
  expect(await messages({ startTime: now + 10, endTime: now + 30 })).toEqual(["ERROR two", "fine", "WARN three"]);
  expect(await messages({ logStreamNames: ["b"] })).toEqual(["ERROR two", "WARN three"]);
  const all: (string | undefined)[] = [];
  const ids = new Set<string | undefined>();
  let nextToken: string | undefined;
  do {
    const page = await logs.filterLogEvents({
      logGroupName: "filter",
      limit: 2,
      ...(nextToken !== undefined && { nextToken }),
    });
    for (const event of page.events ?? []) {
      all.push(event.message);
      ids.add(event.eventId);
    }
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  expect(all).toEqual(["ERROR one", "ERROR two", "fine", "WARN three", '{"level":"error","ms":12}']);
  expect([...ids].every((id) => /^\d{56}$/.test(id ?? "")) && ids.size === 5).toBe(true);
});

it("refuses what PutLogEvents may not carry, and says which events were left out", async () => {
  await group("put", "s");
  await expect(
    put("put", "s", [
      [10, "b"],
      [0, "a"],
    ]),
  ).rejects.toMatchObject({
    name: "InvalidParameterException",
    message: "Log events in a single PutLogEvents request must be in chronological order.",
  });
  const day = 86_400_000;
  await expect(
    put("put", "s", [
      [-day - 1000, "a"],
      [0, "b"],
    ]),
  ).rejects.toMatchObject({ message: expect.stringContaining("cannot span more than 24 hours") });
  await expect(put("put", "s", [[0, "x".repeat(1_048_577)]])).rejects.toMatchObject({
    message: "Upload too large: 1048603 bytes exceeds limit of 1048576",
  });
  expect((await put("put", "s", [[-15 * day, "old"]])).rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
  expect(
    (
      await put("put", "s", [
        [0, "now"],
        [3 * 3_600_000, "soon"],
      ])
    ).rejectedLogEventsInfo,
  ).toEqual({ tooNewLogEventStartIndex: 1 });
  const { events } = await logs.getLogEvents({ logGroupName: "put", logStreamName: "s", startFromHead: true });
  expect(events?.map(({ message }) => message)).toEqual(["now"]);
  await expect(
    logs.putMetricFilter({ logGroupName: "put", filterName: "f", filterPattern: "", metricTransformations: [] }),
  ).rejects.toMatchObject({ name: "NotImplemented" });
});
