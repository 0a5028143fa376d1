import { type Context, servicePrincipal, type TableSpecs } from "#kernel";

export const SAGEMAKER = "sagemaker.amazonaws.com";

/** Puts an event on the default bus, as SageMaker itself. `detail` must be as AWS documents it for this type. */
export async function emit<T extends TableSpecs>(
  ctx: Context<T>,
  detailType: string,
  detail: Readonly<Record<string, unknown>>,
  resources: readonly string[],
): Promise<void> {
  const entry = {
    Source: "aws.sagemaker",
    DetailType: detailType,
    Detail: JSON.stringify(detail),
    Resources: [...resources],
  };
  await ctx.call("events", "PutEvents", { Entries: [entry] }, { as: servicePrincipal(SAGEMAKER, ctx.account) });
}
