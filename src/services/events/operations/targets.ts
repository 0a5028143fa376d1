import { type Handlers, type InputOf, tableKey } from "#kernel";
import { parseArn } from "#core";
import { arnMalformed, invalid, limitExceeded, notImplemented } from "../faults.ts";
import { assertInput } from "../input.ts";
import { targetsOf } from "../outbox.ts";
import type { EventsTables, TargetRow } from "../state.ts";
import { nextToken, pageOf } from "./pages.ts";
import { assertDefaultBus } from "./buses.ts";
import { passRole, requireRule } from "./rules.ts";

type Target = InputOf<"events", "PutTargets">["Targets"][number];

// AWS: EventBridge quotas, targets per rule.
const MAX_TARGETS = 5;

export const targets = {
  async PutTargets(input, ctx) {
    assertDefaultBus(input.EventBusName);
    requireRule(ctx, input.Rule);
    const rows = input.Targets.map(toRow);
    for (const row of rows) if (row.roleArn !== undefined) await ctx.authorize(passRole(row.roleArn));
    const ids = new Set([...targetsOf(ctx, input.Rule).map(({ id }) => id), ...rows.map(({ id }) => id)]);
    if (ids.size > MAX_TARGETS)
      throw limitExceeded(
        `The requested resource exceeds the maximum number allowed: ${MAX_TARGETS} targets per rule.`,
      );
    ctx.kernel.transaction(() => {
      for (const row of rows) ctx.tables.targets.put(tableKey(input.Rule, row.id), row);
    });
    return { FailedEntryCount: 0, FailedEntries: [] };
  },

  RemoveTargets(input, ctx) {
    assertDefaultBus(input.EventBusName);
    requireRule(ctx, input.Rule);
    const missing = input.Ids.filter((id) => !ctx.tables.targets.delete(tableKey(input.Rule, id)));
    // AWS: an id that the rule does not have fails alone. EventBridge API reference, RemoveTargets.
    return {
      FailedEntryCount: missing.length,
      FailedEntries: missing.map((TargetId) => ({
        TargetId,
        ErrorCode: "ResourceNotFoundException",
        ErrorMessage: `Rule ${input.Rule} does not have a target with the Id ${TargetId}.`,
      })),
    };
  },

  ListTargetsByRule(input, ctx) {
    assertDefaultBus(input.EventBusName);
    requireRule(ctx, input.Rule);
    const { rows, more } = pageOf(ctx.tables.targets, input, tableKey(input.Rule, ""));
    return { Targets: rows.map(({ row }) => toTarget(row)), ...nextToken(more) };
  },

  ListRuleNamesByTarget(input, ctx) {
    assertDefaultBus(input.EventBusName);
    const names = ctx.tables.rules
      .list()
      .map(({ key }) => key)
      .filter((name) => targetsOf(ctx, name).some((target) => target.arn === input.TargetArn));
    return { RuleNames: names };
  },
} satisfies Handlers<"events", EventsTables>;

function isPipeline(arn: string): boolean {
  const parsed = parseArn(arn);
  return parsed?.service === "sagemaker" && parsed.resource.startsWith("pipeline/");
}

function toRow(target: Target): TargetRow {
  assertKnownTarget(target);
  assertInput(target);
  const { InputTransformer: transformer, RetryPolicy: retry } = target;
  return {
    id: target.Id,
    arn: target.Arn,
    ...(target.RoleArn !== undefined && { roleArn: target.RoleArn }),
    ...(target.Input !== undefined && { input: target.Input }),
    ...(target.InputPath !== undefined && { inputPath: target.InputPath }),
    ...(transformer && {
      transformer: { paths: transformer.InputPathsMap ?? {}, template: transformer.InputTemplate },
    }),
    ...(target.SageMakerPipelineParameters && {
      pipelineParameters: (target.SageMakerPipelineParameters.PipelineParameterList ?? []).map(({ Name, Value }) => ({
        name: Name,
        value: Value,
      })),
    }),
    ...(retry && {
      retry: {
        ...(retry.MaximumRetryAttempts !== undefined && { attempts: retry.MaximumRetryAttempts }),
        ...(retry.MaximumEventAgeInSeconds !== undefined && { seconds: retry.MaximumEventAgeInSeconds }),
      },
    }),
  };
}

const OTHERS = [
  "KinesisParameters",
  "RunCommandParameters",
  "EcsParameters",
  "BatchParameters",
  "SqsParameters",
  "HttpParameters",
  "RedshiftDataParameters",
  "AppSyncParameters",
  "DeadLetterConfig",
] as const;

function assertKnownTarget(target: Target): void {
  const arn = parseArn(target.Arn);
  if (!arn) throw arnMalformed(target.Arn);
  const isFunction = arn.service === "lambda" && arn.resource.startsWith("function:");
  if (!isFunction && !isPipeline(target.Arn)) {
    throw notImplemented(`a rule's target like ${target.Arn}; it does Lambda functions and SageMaker pipelines`);
  }
  const other = OTHERS.find((member) => target[member] !== undefined);
  if (other) throw notImplemented(`${other} of a rule's target`);
  if (isPipeline(target.Arn) && target.RoleArn === undefined)
    throw invalid(`RoleArn is required for target ${target.Arn}.`);
  if (isFunction && target.SageMakerPipelineParameters) {
    throw invalid(`SageMakerPipelineParameters is not a valid parameter for target ${target.Arn}.`);
  }
}

function toTarget(row: TargetRow) {
  return {
    Id: row.id,
    Arn: row.arn,
    RoleArn: row.roleArn,
    Input: row.input,
    InputPath: row.inputPath,
    InputTransformer: row.transformer && {
      InputPathsMap: { ...row.transformer.paths },
      InputTemplate: row.transformer.template,
    },
    SageMakerPipelineParameters: row.pipelineParameters && {
      PipelineParameterList: row.pipelineParameters.map(({ name, value }) => ({ Name: name, Value: value })),
    },
    RetryPolicy: row.retry && { MaximumRetryAttempts: row.retry.attempts, MaximumEventAgeInSeconds: row.retry.seconds },
  };
}
