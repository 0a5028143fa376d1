import { execFile } from "node:child_process";
import { copyFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { INSTALLING, oraclePython } from "./environments.ts";

const PENGUINS = resolve(import.meta.dirname, "../journeys/penguins.csv");
const RECORD = { island: "Biscoe", bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };

/** What `up` made, read, asked and run again by the classes of the SageMaker Python SDK 3. */
describe("SageMaker Python SDK 3, on the embedded AWS", () => {
  let user: CauceHome | undefined;
  let seen: Record<"jobs" | "versions" | "endpoint" | "pipeline", Record<string, unknown>> & { account: string };

  beforeAll(async () => {
    const python = await oraclePython("sdk3");
    user = await openHome();
    await copyFile(PENGUINS, join(user.work, "penguins.csv"));
    const { code, stderr } = await user.cauce(["up", "penguins.csv", "--predict", "species"]);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const script = join(import.meta.dirname, "use_sdk.py");
    const env = { ...process.env, ...(await user.awsVariables()) };
    const { stdout } = await promisify(execFile)(python, [script, "penguins", JSON.stringify(RECORD)], { env });
    seen = JSON.parse(stdout.slice(stdout.indexOf("{"))) as typeof seen;
  }, INSTALLING);
  afterAll(() => user?.[Symbol.asyncDispose]());

  it("knows the jobs", () => {
    expect(seen.jobs).toEqual({
      training: ["Completed", "ml.m5.large", { seed: "0" }],
      model: expect.stringMatching(/^s3:.*\/output\/model\.tar\.gz$/),
      processing: ["Completed", "Completed"],
      none: expect.stringContaining("(ValidationException) when calling the DescribeTrainingJob operation"),
    });
  });

  it("knows the version, and describes it", () => {
    expect(seen.versions).toEqual({
      version: ["Completed", 1, "Completed", "Approved"],
      described: "Read by the SDK.",
      data: seen.jobs["model"],
    });
  });

  it("knows the endpoint and its model, and has it predict", () => {
    const { probabilities } = (seen.endpoint["answer"] as [string, string, { probabilities: object }])[2];
    expect(Object.keys(probabilities)).toEqual(["Adelie", "Chinstrap", "Gentoo"]);
    expect(seen.endpoint).toEqual({
      variants: [["AllTraffic", 1]],
      models: [seen.jobs["model"]],
      answer: ["application/json", "AllTraffic", { prediction: "Gentoo", probabilities }],
      "not JSON": expect.stringContaining("(ModelError) when calling the InvokeEndpoint operation"),
      none: expect.stringContaining(
        `Could not find endpoint "arn:aws:sagemaker:us-east-1:${seen.account}:endpoint/none"`,
      ),
    });
  });

  it("writes the pipeline in its place as it was, and runs it", () => {
    const parameters = ["CodeUri", "EvaluateSettingsUri", "SettingsUri", "SourceUri"];
    const steps = ["Evaluate", "Extract", "Gate", "Prepare", "Register", "Train"];
    expect(seen.pipeline).toEqual({
      "written by": "the SDK",
      differs: [],
      executions: 2,
      status: "Succeeded",
      steps: Object.fromEntries(steps.map((step) => [step, "Succeeded"])),
      parameters,
    });
  });
});
