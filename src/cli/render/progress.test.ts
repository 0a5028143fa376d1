import { afterEach, describe, expect, it } from "vitest";
import type { Progress } from "#app";
import { createProgress } from "./progress.ts";

const columns = process.stdout.columns;
afterEach(() => void (process.stdout.columns = columns));

/** What a terminal of that width is sent, without its codes. */
function shown(width: number, progress: Progress): string {
  process.stdout.columns = width;
  let text = "";
  const view = createProgress({
    json: false,
    live: true,
    say: () => {},
    note: () => {},
    data: () => {},
    raw: (more) => void (text += more),
    fail: () => {},
  });
  view.show(progress);
  view.end();
  // oxlint-disable-next-line no-control-regex -- the codes are what is left out
  return text.replaceAll(/\r|\u001b\[[0-9;]*[mK]/g, "");
}

const prepare = (state: Progress["state"]): Progress => ({
  step: "prepare",
  state,
  elapsed: 35.9,
  facts: {
    train: 5634,
    test: 1409,
    features: 19,
    setAside: [{ column: "customerID", reason: "id", message: "" }],
    message: "Nothing can be learned from it.",
  },
});

describe("what is done", () => {
  it("is told whole at every width, below itself where it does not fit", () => {
    expect(shown(80, { ...prepare("done"), facts: { ...prepare("done").facts, message: "" } }).split("\n")).toEqual([
      "  ✔ prepare   5,634 train · 1,409 test · 19 features                      35.9 s",
      "              (set aside: customerID: id)",
      "",
    ]);
    expect(shown(200, prepare("done")).split("\n")).toHaveLength(2);
    expect(shown(20, prepare("done"))).toContain("35.9 s");
  });

  it("says only that it failed, since the reason follows; a gate says by how much", () => {
    expect(shown(80, prepare("failed"))).toMatch(/^ {2}✘ prepare {3}failed +35\.9 s\n$/);
    const gate: Progress = { step: "gate", state: "failed", elapsed: 0, facts: { message: "auc 0.6 < 0.7" } };
    expect(shown(80, gate)).toContain("auc 0.6 < 0.7");
  });
});
