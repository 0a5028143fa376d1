import type { Caller } from "#aws";
import { findEndpoint, removeEndpoint } from "./endpoint.ts";
import { stayAwake } from "./idle.ts";
import { point } from "./pointer.ts";
import type { Ask } from "./retry.ts";
import { stopScaling } from "./scaling.ts";
import type { DeployAnswer, DeploySettings } from "./settings.ts";
import { clear } from "./settle.ts";

/** The function behind the URL answers by itself: it is told where its model lies, then what served before goes. */
export async function serveInside(
  aws: Caller,
  ask: Ask,
  settings: DeploySettings,
  { name, obstacle }: { readonly name: string; readonly obstacle: string | undefined },
): Promise<DeployAnswer> {
  const { endpoint, servingUri } = settings;
  if (obstacle !== undefined) throw notScorable(endpoint, obstacle);
  await point(aws, servingUri, { config: name, by: "lambda" });
  if ((await findEndpoint(ask, endpoint)) !== undefined) {
    await stopScaling(aws, settings);
    await removeEndpoint(ask, endpoint);
  }
  await stayAwake(aws, servingUri);
  await clear(aws, ask, settings, name);
  return { state: "serving", endpoint, config: name };
}

/** As `cauce up` shows it: docs/contracts/project.md. */
function notScorable(endpoint: string, why: string): Error {
  return new Error(
    JSON.stringify({
      code: "NotScorable",
      what: `This version of ${endpoint} cannot be served inside a Lambda function.`,
      why,
      fix: 'Serve it with deploy: { on: "serverless" } or { on: "endpoint" }.',
    }),
  );
}
