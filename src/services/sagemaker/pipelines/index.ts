import type { Permissions } from "#kernel";
import { nameIn, sagemakerArn } from "../arns.ts";
import { executions } from "./operations/executions.ts";
import { pipelines } from "./operations/pipelines.ts";

export { pipelineResources } from "./cloudformation.ts";
export { failInterrupted } from "./engine.ts";
export { pipelineTables } from "./state.ts";

export const pipelineOperations = { ...pipelines, ...executions };

type At = { readonly account: string; readonly region: string };

const onPipeline = (action: string) => (input: { readonly PipelineName: string }, at: At) => ({
  action: `sagemaker:${action}`,
  resource: sagemakerArn(at, "pipeline", nameIn("pipeline", input.PipelineName)),
});
const onExecution = (action: string) => (input: { readonly PipelineExecutionArn?: string | undefined }) => ({
  action: `sagemaker:${action}`,
  resource: input.PipelineExecutionArn ?? "*",
});

export const pipelinePermissions: Permissions<"sagemaker"> = {
  CreatePipeline: onPipeline("CreatePipeline"),
  UpdatePipeline: onPipeline("UpdatePipeline"),
  DescribePipeline: onPipeline("DescribePipeline"),
  DeletePipeline: onPipeline("DeletePipeline"),
  StartPipelineExecution: onPipeline("StartPipelineExecution"),
  ListPipelineExecutions: onPipeline("ListPipelineExecutions"),
  DescribePipelineExecution: onExecution("DescribePipelineExecution"),
  ListPipelineExecutionSteps: onExecution("ListPipelineExecutionSteps"),
  ListPipelineParametersForExecution: onExecution("ListPipelineParametersForExecution"),
  DescribePipelineDefinitionForExecution: onExecution("DescribePipelineDefinitionForExecution"),
  StopPipelineExecution: onExecution("StopPipelineExecution"),
  RetryPipelineExecution: onExecution("RetryPipelineExecution"),
};
