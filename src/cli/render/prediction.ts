import type { Prediction } from "#app";
import { counted, number } from "./facts.ts";
import type { Output } from "./output.ts";

/** The end of `predict`: what to know, the file, what is new in it. */
export function sayPrediction(output: Output, made: Prediction): void {
  const { notes, rows, errors, firstError, out, added, agreement } = made;
  for (const note of notes) output.note(`  ! ${note}`);
  const column = JSON.stringify(added.at(-1));
  if (errors > 0)
    output.note(
      `  ! ${number(errors)} of ${counted(rows, "row")} ${errors === 1 ? "has" : "have"} no prediction; the column ${column} says why. ${firstError}`,
    );
  const shown = added.slice(0, MOST_COLUMNS).join(", ");
  output.say(
    `\n  ${out}: ${counted(rows - errors, "prediction")}, in ${shown}${added.length > MOST_COLUMNS ? ", …" : ""}`,
  );
  if (!agreement || agreement.known === 0) return;
  const share = ((100 * agreement.same) / agreement.known).toFixed(1);
  output.say(
    `  ${agreement.column} is in the table: ${share}% of its ${number(agreement.known)} values are as predicted. Rows that the model learned from flatter it.`,
  );
}

const MOST_COLUMNS = 5;
