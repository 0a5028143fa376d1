import { CauceError, closest } from "#core";
import type { Profile } from "./profile.ts";

/** A table without anything to learn is refused here, where the column can still be named. */
export function checkTarget(profile: Profile, target: string): void {
  const names = profile.columns.map((column) => column.name);
  const column = profile.columns.find((candidate) => candidate.name === target);
  const refuse = (code: string, why: string, fix: string) =>
    new CauceError({ code, what: `${profile.source} cannot be learned from.`, why, fix });
  if (!column) {
    const meant = closestNames(target, names);
    throw refuse(
      "TargetMissing",
      `It has no column ${JSON.stringify(target)}.`,
      meant.length > 0
        ? `Did you mean ${meant.map((name) => JSON.stringify(name)).join(" or ")}?`
        : `Its columns are: ${list(names)}.`,
    );
  }
  if (profile.rows === column.missing)
    throw refuse(
      "TargetEmpty",
      `The column ${JSON.stringify(target)} has no value in any row.`,
      "Choose a column with values, or fill it in.",
    );
  if (column.distinct < 2) {
    const value = JSON.stringify(column.examples[0] ?? null);
    throw refuse(
      "TargetConstant",
      `The column ${JSON.stringify(target)} is ${value} in every row.`,
      "Choose a column that differs, or add rows where it does.",
    );
  }
  if (profile.columns.length < 2)
    throw refuse(
      "NothingToLearnFrom",
      `${JSON.stringify(target)} is its only column.`,
      "Add the columns that the target depends on.",
    );
}

/** The one that was mistyped, or else at most three that share letters: people leave out words as often as they mistype. */
function closestNames(word: string, names: readonly string[]): readonly string[] {
  const mistyped = closest(word, names);
  if (mistyped !== undefined) return [mistyped];
  const wanted = word.toLowerCase();
  return names
    .map((name) => ({ name, score: similarity(wanted, name.toLowerCase()) }))
    .filter(({ score }) => score >= 0.4)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ name }) => name);
}

/** Dice's coefficient of letter pairs: 1 for the same, 0 for nothing in common. */
function similarity(a: string, b: string): number {
  if (a !== "" && b !== "" && (a.includes(b) || b.includes(a))) return 1;
  const pairs = (text: string) => Array.from({ length: Math.max(0, text.length - 1) }, (_, i) => text.slice(i, i + 2));
  const [left, right] = [pairs(a), pairs(b)];
  if (left.length + right.length === 0) return 0;
  let shared = 0;
  for (const pair of left) {
    const at = right.indexOf(pair);
    if (at === -1) continue;
    shared++;
    right.splice(at, 1);
  }
  return (2 * shared) / (left.length + right.length + shared);
}

function list(names: readonly string[]): string {
  return names.length <= 20 ? names.join(", ") : `${names.slice(0, 20).join(", ")} and ${names.length - 20} more`;
}
