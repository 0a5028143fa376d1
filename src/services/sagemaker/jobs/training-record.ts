import { announce } from "./announce.ts";
import { jobKey, type JobContext, type SecondaryStatus, type TrainingRow } from "./state.ts";
import { toTrainingEvent } from "./training-views.ts";

type Changes = Partial<Omit<TrainingRow, "id" | "arn" | "region" | "request" | "created">>;

/** The row of one training job while it runs, and the events about it. */
export interface TrainingRecord {
  readonly row: TrainingRow;
  update(changes: Changes): void;
  /** Ends the current phase and begins the next. */
  enter(status: SecondaryStatus, message: string, changes?: Changes): Promise<void>;
  /** Says more about the current phase. */
  explain(message: string): void;
}

export function openTrainingRecord(ctx: JobContext, name: string): TrainingRecord {
  const key = jobKey(ctx.region, name);
  const current = () => {
    const row = ctx.tables.trainingJobs.get(key);
    if (!row) throw new Error(`The training job ${name} is not there any more.`);
    return row;
  };
  const update = (changes: Changes) =>
    ctx.tables.trainingJobs.put(key, { ...current(), modified: ctx.now().getTime(), ...changes });
  return {
    get row() {
      return current();
    },
    update,
    async enter(status, message, changes = {}) {
      const now = ctx.now().getTime();
      const before = current().transitions.map((transition) =>
        transition.end === undefined ? { ...transition, end: now } : transition,
      );
      const last = isEnd(status) ? { status, start: now, end: now, message } : { status, start: now, message };
      update({ ...changes, transitions: [...before, last] });
      await announce(ctx, "SageMaker Training Job State Change", toTrainingEvent(current()), current().arn);
    },
    explain(message) {
      const transitions = current().transitions.map((transition) =>
        transition.end === undefined ? { ...transition, message } : transition,
      );
      update({ transitions });
    },
  };
}

function isEnd(status: SecondaryStatus): boolean {
  return status === "Completed" || status === "Failed" || status === "Stopped" || status === "MaxRuntimeExceeded";
}
