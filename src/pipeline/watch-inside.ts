import { type Clients, poll } from "#aws";
import type { WatchOptions } from "./progress.ts";
import { lookAtServing, serves, wayFacts } from "./serving-now.ts";
import { type Deployed, invokeDeploy, PATIENCE_MS } from "./watch-endpoint.ts";

/** Follows the deployment until the function behind the URL answers with the version by itself, and no endpoint is left. */
export async function watchInside(aws: Clients, of: Deployed, options: WatchOptions): Promise<void> {
  const { names, project, version, packageArn } = of;
  const started = performance.now();
  const facts = { endpoint: names.endpoint, version, ...wayFacts(project.deploy, names) };
  const tell = (state: "running" | "done" | "failed") =>
    options.onProgress?.({ step: "deploy", state, facts, elapsed: (performance.now() - started) / 1000 });
  let asked = false;
  try {
    await poll(
      async () => serves(await lookAtServing(aws, names), project.deploy, `${names.endpoint}-${version}-`),
      (done) => done,
      {
        signal: options.signal,
        onAnswer: async (done) => {
          if (done) return;
          tell("running");
          if (asked || performance.now() - started < PATIENCE_MS) return;
          asked = true;
          await invokeDeploy(aws, names, packageArn);
        },
      },
    );
  } catch (error) {
    tell("failed");
    throw error;
  }
  tell("done");
}
