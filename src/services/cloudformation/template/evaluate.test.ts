import { describe, expect, test } from "vitest";
import { evaluate, type Scope } from "./evaluate.ts";
import { dependenciesOf, inOrder, requireReferences } from "./order.ts";
import { resolveParameters } from "./parameters.ts";
import { parseTemplate } from "./parse.ts";

const template = parseTemplate(
  JSON.stringify({
    Parameters: {
      Name: { Type: "String" },
      Items: { Type: "CommaDelimitedList", Default: "a, b" },
      N: { Type: "Number", Default: 3, MaxValue: 5 },
    },
    Mappings: { M: { x: { y: "found" } } },
    Conditions: { Yes: { "Fn::Equals": [{ Ref: "Name" }, "n"] }, No: { "Fn::Not": [{ Condition: "Yes" }] } },
    Resources: {
      B: {
        Type: "T::T::T",
        Properties: { x: { "Fn::GetAtt": ["A", "Arn"] }, y: { "Fn::Sub": "${A}-${Name}-${AWS::Region}" } },
      },
      A: { Type: "T::T::T" },
      C: { Type: "T::T::T", DependsOn: ["B"] },
    },
  }),
);
const scope: Scope = {
  template,
  parameters: resolveParameters(template, { Name: "n" }),
  pseudo: { "AWS::Region": "eu-west-1" },
  resource: (id) =>
    id === "A" ? { physicalId: "a-1", attributes: { Arn: "arn:a", "Endpoint.Address": "h" } } : undefined,
  imported: () => undefined,
};

test.each([
  [{ Ref: "Name" }, "n"],
  [{ Ref: "Items" }, ["a", "b"]],
  [{ Ref: "A" }, "a-1"],
  [{ "Fn::GetAtt": "A.Arn" }, "arn:a"],
  [{ "Fn::GetAtt": ["A", "Endpoint.Address"] }, "h"],
  [{ "Fn::Sub": "${A.Arn}/${!Literal}/${Name}" }, "arn:a/${Literal}/n"],
  [{ "Fn::Sub": ["${v}-${Name}", { v: { Ref: "A" } }] }, "a-1-n"],
  [{ "Fn::Join": ["/", ["a", { Ref: "Name" }]] }, "a/n"],
  [{ "Fn::Select": [1, { "Fn::Split": [",", "p,q"] }] }, "q"],
  [{ "Fn::FindInMap": ["M", "x", "y"] }, "found"],
  [{ "Fn::If": ["Yes", "left", { Ref: "Nowhere" }] }, "left"],
  [{ "Fn::If": ["No", "left", "right"] }, "right"],
  [{ a: { Ref: "AWS::NoValue" }, b: [1, { Ref: "AWS::NoValue" }] }, { b: [1] }],
  [{ "Fn::Base64": "x" }, "eA=="],
])("%j", (value, expected) => expect(evaluate(value, scope)).toEqual(expected));

describe("refusals", () => {
  test.each([
    [{ Ref: "Nowhere" }, "Unresolved resource dependencies [Nowhere]"],
    [{ "Fn::GetAtt": ["A", "Nothing"] }, "does not support attribute type Nothing"],
    [{ "Fn::Cidr": [] }, "does not implement the function Fn::Cidr"],
    [{ "Fn::FindInMap": ["M", "x", "z"] }, "Unable to get mapping for M::x::z"],
  ])("%j", (value, sentence) => expect(() => evaluate(value, scope)).toThrow(sentence));

  test("parameters", () => {
    expect(() => resolveParameters(template, {})).toThrow("Parameters: [Name] must have values");
    expect(() => resolveParameters(template, { Name: "n", Other: "x" })).toThrow("[Other] do not exist");
    expect(() => resolveParameters(template, { Name: "n", N: "6" })).toThrow("not greater than 5");
  });
});

test("resources come after what they name", () => {
  requireReferences(template);
  const order = inOrder(
    new Map(Object.entries(template.resources).map(([id, r]) => [id, dependenciesOf(template, r)])),
  );
  expect(order).toEqual(["A", "B", "C"]);
  expect(() =>
    inOrder(
      new Map([
        ["A", ["B"]],
        ["B", ["A"]],
      ]),
    ),
  ).toThrow("Circular dependency between resources: [A, B]");
});
