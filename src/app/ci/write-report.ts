import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Target } from "#aws";
import { fetchResults } from "#pipeline";
import type { LoadedProject } from "../load-project.ts";
import { RESULTS } from "./pipeline.ts";
import { readScores, reportMarkdown, reportMetrics } from "./report.ts";

/**
 * For a job, after `up --json > cauce.out/ci/up.jsonl`: the scores as Markdown, beside those of `before.jsonl`, and the evaluation with
 * its plots. A run that failed is reported too.
 */
export async function writeCiReport(
  { project, folder }: LoadedProject,
  open: () => Promise<Target>,
  { link }: { readonly link: string | undefined },
): Promise<{ readonly written: readonly string[]; readonly markdown: string }> {
  const out = join(folder, RESULTS);
  const read = (file: string) => (existsSync(join(out, file)) ? readFileSync(join(out, file), "utf8") : undefined);
  const before = read("before.jsonl");
  const now = readScores(read("up.jsonl") ?? "");
  const markdown = reportMarkdown({
    project: project.name,
    mark: `<!-- cauce: ${project.name} -->`,
    now,
    before: before === undefined ? undefined : readScores(before),
    link,
  });
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "comment.md"), markdown);
  writeFileSync(join(out, "metrics.txt"), reportMetrics(now));
  const fetched = await fetchResults(await open(), project.name, out);
  return { written: [join(out, "comment.md"), join(out, "metrics.txt"), ...fetched], markdown };
}
