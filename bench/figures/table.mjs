// A table becomes a URL by the command line, the runtime installed: three runs, new names, and the steps' seconds.
import { median, seconds, timed } from "../numbers.mjs";
import { atEnd, cauce, churn, newHome, table } from "../stage.mjs";

export async function measure() {
  // Elsewhere first: the runtimes must be there.
  await churn();
  const home = newHome();
  const file = await table();
  const [runs, steps] = [[], []];
  // `up` leaves its server in the background.
  atEnd(() => cauce(home, "down"));
  for (const name of ["one", "two", "three"]) {
    const took = await timed(async () => {
      const told = await cauce(home, "up", file, "--predict", "Churn", "--name", name, "--port", "0");
      steps.push(told.steps);
    });
    runs.push(took);
  }
  const again = [];
  for (let i = 0; i < 3; i++) {
    again.push(await timed(() => cauce(home, "up", file, "--predict", "Churn", "--name", "three")));
  }
  return rows(runs, steps, median(again));
}

function rows(runs, steps, again) {
  const whole = median(runs);
  const each = runs.map((run) => (run / 1000).toFixed(1)).join(" · ");
  const names = Object.entries(toSeconds(steps[0]));
  const told = names.map(([name]) => {
    const took = median(steps.map((one) => toSeconds(one)[name] ?? 0));
    return { what: `  ${name}`, value: `${took.toFixed(2)} s` };
  });
  return [
    { what: `table (7,043 rows) → URL (${each})`, value: seconds(whole), budget: "< 10 s", ok: whole < 10_000 },
    ...told,
    { what: "up with nothing changed", value: seconds(again), budget: "< 0.6 s", ok: again < 600 },
  ];
}

function toSeconds(steps) {
  return Array.isArray(steps) ? Object.fromEntries(steps.map(({ name, seconds }) => [name, seconds])) : steps;
}
