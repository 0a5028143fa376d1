import type { JsonObject, JsonValue } from "#core";
import { textOf } from "#kernel";
import { validation } from "../faults.ts";
import type { Definition } from "./definition.ts";
import { resolve, type Surroundings, toText } from "./references.ts";
import { type ExecutionRow, type PipelinesContext, stepsOf } from "./state.ts";

/** What the references of an execution see now: its parameters, itself, and the steps that are done. */
export function surroundingsOf(ctx: PipelinesContext, execution: ExecutionRow, definition: Definition): Surroundings {
  const done = stepsOf(ctx, execution.arn).filter(({ status }) => status === "Succeeded");
  const around: Surroundings = {
    parameters: execution.parameters,
    execution: {
      PipelineExecutionId: execution.id,
      PipelineExecutionArn: execution.arn,
      PipelineName: execution.pipelineName,
      PipelineArn: execution.pipelineArn,
      StartDateTime: execution.created,
      CurrentDateTime: ctx.now().toISOString(),
    },
    steps: Object.fromEntries(done.map(({ name, properties }) => [name, properties])),
    async propertyFile(step, name) {
      const declared = (definition.steps.find((one) => one.name === step)?.source["PropertyFiles"] ??
        []) as unknown as readonly JsonObject[];
      const file = declared.find(({ PropertyFileName }) => PropertyFileName === name);
      if (!file) throw validation(`The step ${step} has no property file named ${name}.`);
      const output = {
        Get: `Steps.${step}.ProcessingOutputConfig.Outputs['${String(file["OutputName"])}'].S3Output.S3Uri`,
      };
      const folder = toText(await resolve(output, around));
      return readText(ctx, `${folder.replace(/\/$/, "")}/${toText(file["FilePath"] as JsonValue)}`);
    },
  };
  return around;
}

async function readText(ctx: PipelinesContext, uri: string): Promise<string> {
  const [, Bucket = "", Key = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
  const { Body: body } = await ctx.call("s3", "GetObject", { Bucket, Key });
  return textOf(body);
}
