import type { Features, Field, Label, Task } from "./features.ts";

/** What `GET` at the URL says about a model. */
export interface Description {
  readonly target: {
    readonly name: string;
    readonly task: Task;
    readonly classes?: readonly Label[];
    readonly positive?: Label;
  };
  readonly fields: readonly Field[];
  readonly ignored: readonly string[];
  /** A request that works. */
  readonly example: Readonly<Record<string, Label>>;
}

export function describeModel(features: Features): Description {
  const { name, task, classes, positive } = features.target;
  return {
    target: { name, task, ...(classes.length > 0 ? { classes } : {}), ...(positive === undefined ? {} : { positive }) },
    fields: features.fields,
    ignored: features.ignored,
    example: exampleRequest(features),
  };
}

/** A real row of the training part, without its missing cells. */
export function exampleRequest(features: Features): Readonly<Record<string, Label>> {
  return Object.fromEntries(
    features.fields.flatMap(({ name, example }): [string, Label][] =>
      example === undefined || example === null ? [] : [[name, example]],
    ),
  );
}
