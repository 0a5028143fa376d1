import { describe, expect, it } from "vitest";
import { isPath, toInput } from "./input.ts";
import { findByPath } from "#core";
import type { DeliveryRow, TargetRow } from "./state.ts";

const event = {
  version: "0" as const,
  id: "1",
  "detail-type": "Thing",
  source: "my.app",
  account: "000000000000",
  time: "2026-01-02T03:04:05Z",
  region: "us-east-1",
  resources: ["arn:x"],
  detail: { who: 'a "b"', n: 5, list: [1], nested: { deep: true } },
};

function shaped(target: Partial<TargetRow>): string {
  const row: DeliveryRow = {
    region: "us-east-1",
    ruleName: "rule",
    ruleArn: "arn:rule",
    target: { id: "1", arn: "arn:f", ...target },
    event,
    accepted: Date.UTC(2026, 0, 2),
    attempts: 0,
    due: 0,
  };
  return toInput(row);
}
const transformed = (template: string, paths: Record<string, string> = {}) =>
  shaped({ transformer: { paths, template } });

describe("what a target gets", () => {
  it("is the event, a constant, or a part of the event", () => {
    expect(JSON.parse(shaped({}))).toEqual(event);
    expect(shaped({ input: '{"a":1}' })).toBe('{"a":1}');
    expect(shaped({ inputPath: "$.detail.list" })).toBe("[1]");
    expect(shaped({ inputPath: "$.nothing" })).toBe("null");
  });

  it("is a template with variables, as JSON outside of quotes and as text within", () => {
    const paths = { who: "$.detail.who", n: "$.detail.n", nested: "$.detail.nested", none: "$.none" };
    expect(
      JSON.parse(
        transformed('{"who":<who>,"n":<n>,"nested":<nested>,"said":"<who>: <n>","none":<none>,"no":"<none>"}', paths),
      ),
    ).toEqual({
      who: 'a "b"',
      n: 5,
      nested: { deep: true },
      said: 'a "b": 5',
      none: null,
      no: "",
    });
  });

  it("is a text when the template is one", () => {
    expect(JSON.parse(transformed("<who> has <n>", { who: "$.detail.who", n: "$.detail.n" }))).toBe('a "b" has 5');
    expect(JSON.parse(transformed('"<who> has <n>"', { who: "$.detail.who", n: "$.detail.n" }))).toBe('a "b" has 5');
  });

  it("knows EventBridge's own variables", () => {
    const made = JSON.parse(
      transformed(
        '{"rule":<aws.events.rule-name>,"arn":"<aws.events.rule-arn>","at":<aws.events.event.ingestion-time>,"all":<aws.events.event.json>}',
      ),
    ) as unknown;
    expect(made).toEqual({ rule: "rule", arn: "arn:rule", at: "2026-01-02T00:00:00.000Z", all: event });
  });
});

describe("JSON paths", () => {
  it("name a part of the event", () => {
    expect(findByPath(event, "$")).toBe(event);
    expect(findByPath(event, "$.detail-type")).toBe("Thing");
    expect(findByPath(event, "$['detail-type']")).toBe("Thing");
    expect(findByPath(event, "$.resources[0]")).toBe("arn:x");
    expect(findByPath(event, "$.detail.list[*]")).toEqual([1]);
    expect(findByPath(event, "$.detail.constructor")).toBeUndefined();
    expect([isPath("$.a.b"), isPath("a.b"), isPath("$.a["), isPath("$..a")]).toEqual([true, false, false, false]);
  });
});
