import { defineService, type Handlers, type InputOf } from "#kernel";
import { fault } from "#protocol";
import { sagemakerArn } from "../arns.ts";
import { notBuilt } from "../faults.ts";
import { logGroupOf } from "./endpoint-log.ts";
import type { EngineReply, EngineRequest } from "./engines/engine.ts";
import { endpointNotServing, invalidInvocation, oversized } from "./faults.ts";
import { endpoints, type Fleet, type FleetVariant, nextVariant } from "./fleet.ts";

type Input = InputOf<"sagemaker-runtime", "InvokeEndpoint">;
type Place = { readonly account: string; readonly region: string };

// AWS: 4 MB (developer guide, "Serverless Inference"). In the API's other limits a megabyte is 2^20.
const LARGEST_SERVERLESS_BODY = 4 * 2 ** 20;

/** The second door of SageMaker: what serves is found in memory, no table is read on the way. */
const operations = {
  async InvokeEndpoint(input, ctx) {
    const asked = performance.now();
    const endpoint = ctx.kernel.live(endpoints).find(ctx.account, ctx.region, input.EndpointName);
    const fleet = endpoint?.fleet ?? (await endpoint?.loading?.catch(() => undefined));
    if (!fleet) throw endpointNotServing(input.EndpointName, ctx.account);
    const variant = chooseVariant(fleet, input, ctx);
    if (variant.serverless && sizeOf(input) > LARGEST_SERVERLESS_BODY) throw oversized(ctx.requestId);
    const begun = performance.now();
    const replying = variant.engine.invoke(toRequest(input));
    const reply = replying instanceof Promise ? await replying : replying;
    variant.counts.answered(reply.status, performance.now() - begun, begun - asked);
    if (reply.status < 200 || reply.status > 299) throw modelError(reply, input.EndpointName, ctx);
    return {
      Body: reply.body as Uint8Array,
      ...(reply.contentType !== undefined && { ContentType: reply.contentType }),
      InvokedProductionVariant: variant.name,
      ...(reply.customAttributes !== undefined && { CustomAttributes: reply.customAttributes }),
    };
  },
} satisfies Handlers<"sagemaker-runtime", Record<never, never>>;

export const sagemakerRuntime = defineService({
  name: "sagemaker-runtime",
  iamPrefix: "sagemaker",
  tables: {},
  operations,
  permissions: {
    InvokeEndpoint: (input, at) => ({
      action: "sagemaker:InvokeEndpoint",
      resource: sagemakerArn(at, "endpoint", input.EndpointName),
      ...(input.TargetModel !== undefined && { conditions: { "sagemaker:TargetModel": input.TargetModel } }),
    }),
  },
  // AWS: the runtime calls it ValidationError where SageMaker's other door says ValidationException.
  quirks: { validation: { code: "ValidationError" } },
});

function chooseVariant(fleet: Fleet, input: Input, at: Place): FleetVariant {
  if (input.TargetModel !== undefined) {
    throw invalidInvocation("TargetModel was given, but this endpoint does not serve several models.");
  }
  if (input.TargetContainerHostname !== undefined) {
    throw invalidInvocation("TargetContainerHostname was given, but this endpoint does not serve several containers.");
  }
  if (input.InferenceComponentName !== undefined) throw notBuilt("inference components");
  if (input.EnableExplanations !== undefined) throw notBuilt("explainers");
  if (input.SessionId !== undefined) throw notBuilt("stateful sessions");
  if (input.TargetVariant === undefined) return nextVariant(fleet);
  const variant = fleet.variants.find(({ name }) => name === input.TargetVariant);
  if (variant) return variant;
  const arn = sagemakerArn(at, "endpoint", input.EndpointName);
  throw invalidInvocation(`Variant ${input.TargetVariant} was not found for endpoint ${arn}.`);
}

function sizeOf({ Body: body }: Input): number {
  return typeof body === "string" ? Buffer.byteLength(body) : (body as Uint8Array).byteLength;
}

function toRequest(input: Input): EngineRequest {
  return {
    // Another service may hand in text.
    body: typeof input.Body === "string" ? Buffer.from(input.Body) : (input.Body as Uint8Array),
    contentType: input.ContentType,
    accept: input.Accept,
    customAttributes: input.CustomAttributes,
    inferenceId: input.InferenceId,
  };
}

/** AWS: 424 with what the container said; the sentence as users report it in public. */
function modelError(reply: EngineReply, endpointName: string, { account, region }: Place) {
  const said = typeof reply.body === "string" ? reply.body : Buffer.from(reply.body).toString("utf8");
  const group = logGroupOf(endpointName);
  const who = reply.status >= 500 ? "server" : "client";
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${group}`;
  return fault(
    "ModelError",
    `Received ${who} error (${reply.status}) from primary with message "${said}". See ${console} in account ${account} for more information.`,
    {
      status: 424,
      members: {
        OriginalStatusCode: reply.status,
        OriginalMessage: said,
        LogStreamArn: `arn:aws:logs:${region}:${account}:log-group:${group}`,
      },
    },
  );
}
