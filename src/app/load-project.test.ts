import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readConfig } from "./config.ts";
import { loadProject } from "./load-project.ts";

it("names the option that cannot be used, as it was typed", async () => {
  const folder = mkdtempSync(join(tmpdir(), "cauce-flags-"));
  const table = join(folder, "t.csv");
  writeFileSync(table, "x,y\n1,2\n");
  await expect(loadProject(readConfig(), table, { predict: "y", task: "foo" })).rejects.toMatchObject({
    explanation: { what: '--task cannot be "foo".', why: "A task is binary, multiclass or regression." },
  });
  const { project } = await loadProject(readConfig(), table, { predict: "y", task: "regression" });
  expect(project.data).toMatchObject({ source: "t.csv", target: "y", task: "regression" });
  rmSync(folder, { recursive: true });
});
