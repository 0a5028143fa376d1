import { findByPath } from "#core";
import { describe, expect, it } from "vitest";
import {
  chooseTemplate,
  compileTemplate,
  compileTemplates,
  parseTemplate,
  type Scope,
  TemplateError,
} from "./template.ts";

const scope: Scope = {
  context: { requestId: "r-1", identity: { sourceIp: "1.2.3.4" }, responseOverride: { header: {} } },
  stageVariables: { colour: "red" },
  parameters: { path: { id: "7" }, querystring: { q: "x", id: "no" }, header: { "X-Name": "me" } },
  body: '{"a":{"b":[1,2]},"text":"it\'s \\"so\\"","in":1}',
};
const render = (source: string, body = scope.body) => compileTemplate(source)({ ...scope, body });

describe("mapping templates", () => {
  const cases: readonly [string, string][] = [
    ['{"statusCode": 200}', '{"statusCode": 200}'],
    ["$input.body", scope.body],
    ["$input.json('$.a')", '{"b":[1,2]}'],
    ["$input.json('$.nothing')", "null"],
    ["$input.path('$.a.b').size() $input.path('$.a.b[1]')", "2 2"],
    ["$input.params('id') $input.params('q') $input.params('x-name') [$input.params('none')]", "7 x me []"],
    ["$input.params().header.get('X-Name') $input.params('querystring').q", "me x"],
    ["$context.requestId $context.identity.sourceIp $stageVariables.colour", "r-1 1.2.3.4 red"],
    ["$util.escapeJavaScript($input.path('$.text'))", 'it\\\'s \\"so\\"'],
    ["$util.base64Encode('hé') $util.base64Decode('aMOp')", "aMOp hé".replace("aMOp", "aMOp")],
    ["$util.urlEncode('a b&c') $util.urlDecode('a+b%26c')", "a+b%26c a b&c"],
    ["#set($o = $util.parseJson('{\"k\":[3]}'))$o.k[0]", "3"],
    ["#set($in = $input.path('$.a'))#foreach($i in $in.b)$i#if($foreach.hasNext),#end#end", "1,2"],
    ["#set($s = 'abc')$s.length() $s.contains('b') $s.equals('abc') $s.isEmpty()", "3 true true false"],
    ["#if($input.path('$.nothing') && true)yes#{else}no#end", "no"],
  ];
  for (const [source, expected] of cases) it(source, () => expect(render(source)).toBe(expected));

  it("take an empty body for an empty object, and other text for itself", () => {
    expect(render("$input.json('$')", "")).toBe("{}");
    expect(render("$input.path('$')", "plain")).toBe("plain");
  });

  it("do not reach what is not theirs", () => {
    expect(render("$util.constructor $input.constructor $context.__proto__")).toBe(
      "$util.constructor $input.constructor $context.__proto__",
    );
  });

  it("are refused when they do not parse", () => {
    expect(() => parseTemplate("#if(")).toThrow(TemplateError);
  });

  it("are chosen by what the caller accepts, else JSON, else the first", () => {
    const templates = compileTemplates({ "text/plain": "t", "application/json": "j" });
    expect(chooseTemplate(templates, "text/plain;q=1, */*")?.type).toBe("text/plain");
    expect(chooseTemplate(templates, "*/*")?.type).toBe("application/json");
    expect(chooseTemplate(compileTemplates({ "text/plain": "t" }), undefined)?.type).toBe("text/plain");
    expect(chooseTemplate(compileTemplates(undefined), undefined)).toBeUndefined();
  });
});

describe("JSON paths", () => {
  const root = { a: [{ b: 1 }, { b: 2 }], "c d": { e: null } };
  const cases: readonly [string, unknown][] = [
    ["$", root],
    ["$.a[0].b", 1],
    ["$.a[-1].b", 2],
    ["$.a[*].b", [1, 2]],
    ["$..b", [1, 2]],
    ["$['c d'].e", null],
    ["$.none.b", undefined],
    ["a", undefined],
    ["$.a[", undefined],
  ];
  for (const [path, expected] of cases) it(path, () => expect(findByPath(root, path)).toEqual(expected));
});
