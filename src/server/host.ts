import { CauceError } from "#core";
import { describeSandbox, type Settings } from "#kernel";
import { hasRuntime, requirePython } from "#services";

/** What projects train and serve on unless they say otherwise. */
const DEFAULT_IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";

export interface Finding {
  readonly state: "good" | "note" | "bad";
  readonly says: string;
}

/** What the machine has for jobs and endpoints, without changing anything. */
export async function describeHost(
  at: Pick<Settings, "home" | "assets">,
): Promise<{ readonly python: Finding; readonly isolation: Finding; readonly runtime: Finding }> {
  const [python, isolation, installed] = await Promise.all([
    requirePython().then(
      ({ version, executable }): Finding => ({ state: "good", says: `${version} at ${executable}` }),
      (error: unknown): Finding => ({ state: "bad", says: sayError(error) }),
    ),
    describeSandbox(),
    hasRuntime(at, DEFAULT_IMAGE),
  ]);
  return {
    python,
    isolation:
      isolation.kind === "namespaces"
        ? { state: "good", says: "each job has its own files, processes and user" }
        : { state: "note", says: `none: ${isolation.reason}` },
    runtime: installed
      ? { state: "good", says: "XGBoost 3.2 is installed; runs need no network" }
      : { state: "note", says: "XGBoost 3.2 is installed by pip at the first run" },
  };
}

function sayError(error: unknown): string {
  if (!(error instanceof CauceError)) throw error;
  const { why, fix } = error.explanation;
  return `${why} ${fix}`;
}
