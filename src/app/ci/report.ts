import { isRecord, parseJson } from "#core";

/** What the last line of `up --json` says of a run, as far as it is there. */
export interface Scores {
  readonly metrics: Readonly<Record<string, number>>;
  readonly facts: readonly string[];
  readonly notes: readonly string[];
  readonly url: string | undefined;
  /** Why there is no model. */
  readonly failure:
    | { readonly code: string; readonly what: string; readonly why: string; readonly fix: string }
    | undefined;
}

export interface ReportOptions {
  readonly project: string;
  /** The line that names the comment, so that the next run finds it. */
  readonly mark: string;
  readonly now: Scores;
  readonly before: Scores | undefined;
  /** The run, for whoever wants to see more. */
  readonly link: string | undefined;
}

/** The scores of a run as Markdown, beside those of the branch that they would replace. */
export function reportMarkdown({ project, mark, now, before, link }: ReportOptions): string {
  const lines = [mark, `### Cauce: ${code(project)}`, ""];
  if (now.failure) lines.push(...failed(now.failure), "");
  if (Object.keys(now.metrics).length > 0) lines.push(...table(now, before), "");
  if (now.facts.length > 0) lines.push(now.facts.join(" · "), "");
  if (now.notes.length > 0) lines.push(...details(now.notes), "");
  if (link !== undefined) lines.push(`Evaluation and plots: [the artifact of this run](${encodeURI(link)}).`, "");
  return lines.join("\n");
}

/** OpenMetrics, which GitLab compares by itself. */
export function reportMetrics({ metrics }: Scores): string {
  const lines = Object.entries(metrics).map(([name, value]) => `cauce_${name.replaceAll(/\W/g, "_")} ${value}`);
  return [...lines, "# EOF", ""].join("\n");
}

/** Reads what `up --json` wrote: its last object is the summary, or the error. */
export function readScores(text: string): Scores {
  const lines: unknown[] = text.split("\n").map((line) => parseJson(line));
  const last = lines.findLast(isRecord);
  const error = last?.["error"];
  return {
    metrics: Object.fromEntries(
      Object.entries(recordOf(last?.["metrics"])).filter(
        (entry): entry is [string, number] => typeof entry[1] === "number",
      ),
    ),
    facts: last === undefined ? [] : factsOf(last),
    notes: last === undefined ? [] : notesOf(last),
    url: textOf(last?.["url"]),
    failure: last === undefined ? NOTHING : isRecord(error) ? failureOf(error) : undefined,
  };
}

const NOTHING = {
  code: "NoScores",
  what: "The run ended before it had anything to say.",
  why: "`cauce up --json` wrote no result.",
  fix: "The log of the job says where it stopped.",
};

function table(now: Scores, before: Scores | undefined): string[] {
  const known = before !== undefined && Object.keys(before.metrics).length > 0;
  const head = known ? ["", "here", "before", "change"] : ["", "here"];
  const rows = Object.entries(now.metrics).map(([name, value]) => {
    const old = before?.metrics[name];
    const change = old === undefined ? "" : signed(value - old);
    return known
      ? [name, `**${number(value)}**`, old === undefined ? "" : number(old), change]
      : [name, `**${number(value)}**`];
  });
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? "---" : "---:"))), ...rows.map(line)];
}

function failed({ code: name, what, why, fix }: NonNullable<Scores["failure"]>): string[] {
  const lines = [`**${plain(what)}** (${code(name)})`, plain(why), plain(fix)];
  return lines.filter((line) => line !== "").flatMap((line, at) => (at === 0 ? [line] : ["", line]));
}

function details(notes: readonly string[]): string[] {
  const shown = notes.slice(0, MOST_NOTES).map((note) => `- ${plain(note)}`);
  if (notes.length > MOST_NOTES) shown.push(`- and ${notes.length - MOST_NOTES} more`);
  return ["<details><summary>What to know</summary>", "", ...shown, "", "</details>"];
}

const MOST_NOTES = 30;

function factsOf(last: Record<string, unknown>): string[] {
  const count = (key: string, word: string) =>
    typeof last[key] === "number" ? [`${last[key].toLocaleString("en")} ${word}`] : [];
  const target = textOf(last["target"]);
  const task = textOf(last["task"]);
  return [
    ...(target === undefined ? [] : [`predicts ${code(target)}${task === undefined ? "" : ` (${plain(task)})`}`]),
    ...count("rows", "rows"),
    ...count("features", "features"),
    ...count("seconds", "seconds"),
    ...(last["unchanged"] === true ? ["nothing has changed"] : []),
  ];
}

function notesOf(last: Record<string, unknown>): string[] {
  const list = (key: string) => (Array.isArray(last[key]) ? last[key].filter(isRecord) : []);
  return [...list("setAside"), ...list("warnings")].flatMap(({ message }) => textOf(message) ?? []);
}

function failureOf(error: Record<string, unknown>): NonNullable<Scores["failure"]> {
  const text = (key: string) => textOf(error[key]) ?? "";
  return { code: text("code"), what: text("what"), why: text("why"), fix: text("fix") };
}

function recordOf(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function signed(value: number): string {
  const shown = number(value);
  return value > 0 ? `+${shown}` : value < 0 ? shown.replace("-", "−") : "0";
}

/** Names of columns and sentences come from tables: nothing in them is Markdown, a mention or a tag. */
function plain(text: string): string {
  return text
    .replaceAll(/[\r\n]+/g, " ")
    .replaceAll(/[\\`*_[\]<>|#~]/g, "\\$&")
    .replaceAll("@", "@\u2060");
}

function code(text: string): string {
  return `\`${text.replaceAll(/[`|\r\n]/g, " ")}\``;
}
