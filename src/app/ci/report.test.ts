import { describe, expect, it } from "vitest";
import { readScores, reportMarkdown, reportMetrics } from "./report.ts";

const up = (last: object) => `{"step":"Train","state":"done"}\n${JSON.stringify(last)}\n`;
const report = (last: object, before?: object) =>
  reportMarkdown({
    project: "churn",
    mark: "<!-- cauce: churn -->",
    now: readScores(up(last)),
    before: before && readScores(up(before)),
    link: undefined,
  });

describe("the report of a run", () => {
  it("has each score, beside the one before, with the difference", () => {
    const text = report({ metrics: { auc: 0.91234, "log loss": 0.3 } }, { metrics: { auc: 0.9 } });
    expect(text).toContain("|  | here | before | change |");
    expect(text).toContain("| auc | **0.9123** | 0.9 | +0.01234 |");
    expect(text).toContain("| log loss | **0.3** |  |  |");
  });

  it("has the scores alone where nothing was before", () => {
    expect(report({ metrics: { rmse: 12 } })).toContain("|  | here |\n| --- | ---: |\n| rmse | **12** |");
    expect(report({ metrics: { rmse: 12 } }, { error: {} })).not.toContain("before");
  });

  it("says why there is none: a refusal, or nothing at all", () => {
    const refused = {
      code: "GateRefused",
      what: "The model is not deployed.",
      why: "auc 0.6 < 0.7",
      fix: "More data.",
    };
    expect(report({ error: refused })).toContain(
      "**The model is not deployed.** (`GateRefused`)\n\nauc 0.6 \\< 0.7\n\nMore data.",
    );
    expect(
      reportMarkdown({ project: "churn", mark: "", now: readScores(""), before: undefined, link: undefined }),
    ).toContain("NoScores");
  });

  it("takes words of tables for words: no tags, no links, no mentions", () => {
    const message = "<img src=x> [a](http://b) @everyone | `x`\n# big";
    const text = report({ target: "a`|b", task: "binary", setAside: [{ message }] });
    expect(text).toContain("\\<img src=x\\> \\[a\\](http://b) @\u2060everyone \\| \\`x\\` \\# big");
    expect(text).toContain("predicts `a  b` (binary)");
  });

  it("is short, however much there is to know", () => {
    const setAside = Array.from({ length: 750 }, (_, at) => ({ message: `column ${at}` }));
    expect(report({ setAside })).toContain("- and 720 more");
  });

  it("is OpenMetrics for GitLab", () => {
    expect(reportMetrics(readScores(up({ metrics: { "log loss": 0.3 } })))).toBe("cauce_log_loss 0.3\n# EOF\n");
  });
});
