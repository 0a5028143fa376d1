import type { StepType } from "../definition.ts";
import { condition, fail, model, registerModel } from "./in-place.ts";
import { lambda } from "./lambda.ts";
import { processing } from "./processing.ts";
import type { StepRunner } from "./step.ts";
import { training } from "./training.ts";
import { transform } from "./transform.ts";

export const runners: Readonly<Record<StepType, StepRunner>> = {
  Processing: processing,
  Training: training,
  Transform: transform,
  Lambda: lambda,
  Condition: condition,
  RegisterModel: registerModel,
  Model: model,
  Fail: fail,
};
