import type { JsonObject } from "#core";
import type { InputOf } from "#kernel";
import { holds } from "../conditions.ts";
import { argumentsOf } from "../definition.ts";
import { resolve, toText } from "../references.ts";
import { StepFailed, type StepRunner, toJson } from "./step.ts";

/** Decides which branch runs; all conditions must hold for `IfSteps`. */
export const condition: StepRunner = {
  async run(step, { around }) {
    let outcome = true;
    for (const one of (argumentsOf(step)["Conditions"] ?? []) as JsonObject[])
      outcome = outcome && (await holds(one, around));
    const Outcome = outcome ? "True" : "False";
    return { metadata: { Condition: { Outcome } }, properties: { Outcome } };
  },
};

/** Always fails, with the message that the definition gives. */
export const fail: StepRunner = {
  async run(step, { around }) {
    throw new StepFailed(toText(await resolve(argumentsOf(step)["ErrorMessage"] ?? "", around)));
  },
};

export const registerModel: StepRunner = {
  async run(_step, { ctx, args }) {
    const input = args as unknown as InputOf<"sagemaker", "CreateModelPackage">;
    const { ModelPackageArn } = await ctx.call("sagemaker", "CreateModelPackage", input);
    const description = await ctx.call("sagemaker", "DescribeModelPackage", {
      ModelPackageName: ModelPackageArn ?? "",
    });
    return { metadata: { RegisterModel: { Arn: ModelPackageArn } }, properties: toJson(description) };
  },
};

export const model: StepRunner = {
  async run(step, { ctx, args, execution }) {
    const ModelName = `pipelines-${execution.id}-${step.name.replaceAll("_", "-")}-${ctx.kernel.ids.token(10)}`.slice(
      0,
      63,
    );
    const input = { ...args, ModelName } as unknown as InputOf<"sagemaker", "CreateModel">;
    const { ModelArn } = await ctx.call("sagemaker", "CreateModel", input);
    return { metadata: { Model: { Arn: ModelArn } }, properties: { ModelName, ModelArn: ModelArn ?? "" } };
  },
};
