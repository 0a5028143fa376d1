import type { Context } from "./context.ts";
import type { InputOf, OperationName, OutputOf, ServiceName } from "./operation.ts";
import type { TableSpecs } from "./tables/index.ts";

/** The operations a service implements: the input is validated by the model, the output is checked by the SDK's types. */
export type Handlers<S extends ServiceName, Tables extends TableSpecs> = {
  readonly [O in OperationName<S>]?: (
    input: InputOf<S, O>,
    ctx: Context<Tables>,
  ) => OutputOf<S, O> | Promise<OutputOf<S, O>>;
};
