import type { ProcessEnd } from "#kernel";
import { describeFailure } from "../../jobs/failure-reason.ts";
import type { WriteLine } from "./engine.ts";

const KEPT = 200;

/** Passes lines on, and keeps the last ones for whoever asks what went wrong. */
export function rememberLines(write: WriteLine): { readonly write: WriteLine; readonly kept: readonly string[] } {
  const kept: string[] = [];
  return {
    kept,
    write(line) {
      kept.push(line);
      if (kept.length > KEPT) kept.splice(0, KEPT / 2);
      write(line);
    },
  };
}

/** The lines that matter of what a container said, and how it ended. */
export function lastWords(lines: readonly string[], end: ProcessEnd | undefined): string {
  if (lines.length === 0 && !end) return "";
  return describeFailure(end ?? { exitCode: 1 }, "", lines);
}
