import type { Tag } from "@aws-sdk/client-cloudformation";
import { formatArn } from "#core";
import { textOf } from "#kernel";
import { insufficientCapabilities, notBuilt, validationError } from "../faults.ts";
import type { Goal, StackRow } from "../state.ts";
import { requireReferences } from "../template/order.ts";
import { parseTemplate, type Template } from "../template/parse.ts";
import type { StackContext } from "./work.ts";

/** What a caller can say about where a stack should go, in every operation that takes a template. */
export interface GoalInput {
  readonly TemplateBody?: string | undefined;
  readonly TemplateURL?: string | undefined;
  readonly UsePreviousTemplate?: boolean | undefined;
  readonly Parameters?: readonly ParameterInput[] | undefined;
  readonly Tags?: readonly Tag[] | undefined;
  readonly Capabilities?: readonly string[] | undefined;
}

interface ParameterInput {
  readonly ParameterKey?: string | undefined;
  readonly ParameterValue?: string | undefined;
  readonly UsePreviousValue?: boolean | undefined;
}

/** Reads and checks what is asked for; `previous` fills what the caller says to keep. */
export async function readGoal(ctx: StackContext, input: GoalInput, previous?: StackRow): Promise<Goal> {
  const text = await templateText(ctx, input, previous);
  const template = parseTemplate(text);
  requireReferences(template);
  requireTypes(ctx, template);
  requireCapabilities(template, input.Capabilities ?? []);
  return {
    template: text,
    parameters: parametersOf(input.Parameters ?? [], template, previous),
    tags: input.Tags ? tagsOf(input.Tags) : (previous?.tags ?? {}),
  };
}

/** AWS: 51,200 bytes in the request, 1 MB from S3; "CloudFormation quotas" in the user guide. */
const LARGEST = 1_048_576;

export async function templateText(ctx: StackContext, input: GoalInput, previous?: StackRow): Promise<string> {
  if (input.TemplateBody !== undefined) return input.TemplateBody;
  if (input.UsePreviousTemplate && previous) return previous.template;
  if (input.TemplateURL === undefined) {
    throw validationError("Either Template URL or Template Body must be specified.");
  }
  const { bucket, key } = objectOf(ctx, input.TemplateURL);
  const { Body: body, ContentLength: size } = await ctx.call("s3", "GetObject", { Bucket: bucket, Key: key });
  if ((size ?? 0) > LARGEST) throw validationError("Template may not exceed 1048576 bytes in size.");
  return await textOf(body);
}

/** `http://127.0.0.1:4566/bucket/key`, `https://bucket.s3.region.amazonaws.com/key` and their like. */
function objectOf(ctx: StackContext, text: string): { bucket: string; key: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const inHost = url && /^(.+)\.s3[.-][a-z0-9.-]*(amazonaws\.com|localhost)$/.exec(url.hostname)?.[1];
  const path = url && decodeURIComponent(url.pathname.slice(1));
  if (url && inHost && path) return { bucket: inHost, key: path };
  const known =
    url &&
    (url.origin === ctx.kernel.endpoint ||
      /(^|\.)s3[.-].*amazonaws\.com$|^(127\.0\.0\.1|localhost)$/.test(url.hostname));
  const slash = path?.indexOf("/") ?? -1;
  if (known && path && slash > 0) return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
  throw validationError("TemplateURL must be a supported URL.");
}

function requireTypes(ctx: StackContext, template: Template): void {
  const types = new Set(Object.values(template.resources).map(({ Type }) => Type));
  const unknown = [...types].filter((type) => !ctx.kernel.resourceHandler(type));
  if (unknown.length === 0) return;
  if (unknown.every((type) => /^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$/.test(type))) {
    throw notBuilt(`the resource type${unknown.length > 1 ? "s" : ""} ${unknown.join(", ")}`);
  }
  throw validationError(`Template format error: Unrecognized resource types: [${unknown.join(", ")}]`);
}

const IAM_TYPES = ["AWS::IAM::Role", "AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"];

function requireCapabilities(template: Template, given: readonly string[]): void {
  const iam = Object.values(template.resources).filter(({ Type }) => IAM_TYPES.includes(Type));
  if (iam.length === 0) return;
  const named = iam.some(
    ({ Properties }) => Properties?.["RoleName"] !== undefined || Properties?.["ManagedPolicyName"] !== undefined,
  );
  if (given.includes("CAPABILITY_NAMED_IAM") || (!named && given.includes("CAPABILITY_IAM"))) return;
  throw insufficientCapabilities(named ? "CAPABILITY_NAMED_IAM" : "CAPABILITY_IAM");
}

function parametersOf(
  given: readonly ParameterInput[],
  template: Template,
  previous?: StackRow,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const { ParameterKey: key, ParameterValue: value, UsePreviousValue: keep } of given) {
    if (key === undefined) throw validationError("Parameters must have a ParameterKey.");
    const kept = previous?.parameters[key];
    if (keep && kept === undefined && template.parameters[key]?.Default === undefined) {
      throw validationError(
        `Invalid input for parameter key ${key}. Cannot specify usePreviousValue as true for a parameter key not in the previous template`,
      );
    }
    const chosen = keep ? kept : value;
    if (chosen !== undefined) values[key] = chosen;
  }
  return values;
}

export function tagsOf(tags: readonly Tag[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key ?? "", Value ?? ""]));
}

export function stackArn(ctx: StackContext, name: string): string {
  const { account, region } = ctx;
  return formatArn({ service: "cloudformation", region, account, resource: `stack/${name}/${ctx.kernel.ids.uuid()}` });
}
