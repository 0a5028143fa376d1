import type { Progress } from "#app";
import { factsOf } from "./facts.ts";
import type { Output } from "./output.ts";
import { painter } from "./output.ts";

/** Shows steps as they go: a line that moves on a terminal, plain lines elsewhere. */
export interface ProgressView {
  show(progress: Progress): void;
  /** Leaves the terminal as it should be for what is printed next. */
  end(): void;
}

export function createProgress(output: Output): ProgressView {
  return output.live ? livingView(output) : plainView(output);
}

const MARKS = { running: " ", done: "✔", cached: "✔", failed: "✘", waiting: "…" } as const;
/** Without a terminal, a running step is told of when its facts changed and this long has passed, in milliseconds. */
const PLAIN_PAUSE = 2000;

function plainView(output: Output): ProgressView {
  let last = { text: "", at: 0 };
  return {
    show(progress) {
      const text = line(progress, MARKS[progress.state]);
      if (progress.state === "running") {
        const facts = factsOf(progress);
        if (facts === "" || facts === last.text || Date.now() - last.at < PLAIN_PAUSE) return;
        last = { text: facts, at: Date.now() };
      } else {
        last = { text: "", at: Date.now() };
      }
      output.note(text);
    },
    end() {},
  };
}

const SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

function livingView(output: Output): ProgressView {
  const paint = painter(true);
  let current: { progress: Progress; since: number } | undefined;
  let frame = 0;
  const clear = () => output.raw("\r\u001b[2K");
  const draw = () => {
    if (!current) return;
    const elapsed = current.progress.elapsed + (Date.now() - current.since) / 1000;
    const mark = SPINNER[frame++ % SPINNER.length] ?? "";
    const width = process.stdout.columns || 100;
    clear();
    output.raw(line({ ...current.progress, elapsed }, mark, width));
  };
  const timer = setInterval(draw, 90);
  return {
    show(progress) {
      if (progress.state === "running") {
        current = { progress, since: Date.now() };
        return;
      }
      clear();
      if (current?.progress.step === progress.step) current = undefined;
      const mark = MARKS[progress.state];
      const colour =
        progress.state === "failed" ? paint.red : progress.state === "waiting" ? paint.yellow : paint.green;
      output.raw(`${line(progress, mark, process.stdout.columns || 100).replace(mark, colour(mark))}\n`);
      draw();
    },
    end() {
      clearInterval(timer);
      clear();
    },
  };
}

const NAME_WIDTH = 10;
const LINE_WIDTH = 82;

function line(progress: Progress, mark: string, width = 0): string {
  const time = progress.state === "waiting" || progress.state === "cached" ? "" : seconds(progress.elapsed);
  const left = `  ${mark} ${progress.step.padEnd(NAME_WIDTH)}${factsOf(progress)}`;
  const room = width > 0 ? Math.min(LINE_WIDTH, width - 1) : LINE_WIDTH;
  if (width === 0 || left.length + time.length + 1 <= width) return timed(left, time, room);
  // What moves must not wrap: it would leave its first half behind.
  if (progress.state === "running") return timed(`${left.slice(0, width - time.length - 3)}…`, time, room);
  const [first = "", ...rest] = wrapped(left, width - time.length - 3);
  return [timed(first, time, room), ...rest].join("\n");
}

function timed(left: string, time: string, room: number): string {
  return `${left.padEnd(room - time.length)} ${time}`.trimEnd();
}

/** Lines of whole facts where that is possible, else of whole words; the later ones below the first one's facts. */
function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const fact = Math.max(rest.lastIndexOf(" (", width), rest.lastIndexOf(" · ", width));
    const at = fact > width / 2 ? fact : rest.lastIndexOf(" ", width);
    if (at <= INDENT.length) break;
    lines.push(rest.slice(0, at).trimEnd());
    rest = `${INDENT}${rest.slice(at).replace(/^ +(· )?/, "")}`;
  }
  return [...lines, rest];
}

const INDENT = " ".repeat(NAME_WIDTH + 4);

function seconds(elapsed: number): string {
  return elapsed < 60 ? `${elapsed.toFixed(1)} s` : `${Math.floor(elapsed / 60)} min ${Math.round(elapsed % 60)} s`;
}
