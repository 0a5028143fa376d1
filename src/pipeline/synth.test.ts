import { describe, expect, it } from "vitest";
import { isRecord } from "#core";
import { comparePlan } from "./plan.ts";
import { type Contents, synth } from "./synth.ts";
import { resolveProject } from "./validate.ts";

const place = { account: "000000000000", region: "us-east-1" };
const contents: Contents = {
  source: { name: "customers.xlsx", sha256: "5".repeat(32) },
  code: "c".repeat(32),
  functions: { extract: "e".repeat(32), predict: "1".repeat(32), deploy: "d".repeat(32) },
};
const churn = { name: "churn", data: { source: "data/customers.xlsx", target: "Churn" } };
const synthesise = (project: object = {}, changed: Partial<Contents> = {}) =>
  synth(resolveProject({ ...churn, ...project }), { ...contents, ...changed }, place);

/** Every resource and its type, for a glance at what a project becomes. */
const outline = (made: ReturnType<typeof synth>) =>
  Object.entries(made.template.Resources)
    .map(([id, { Type }]) => `${id.replace(/^Deployment.*/, "Deployment…")} ${Type.replace("AWS::", "")}`)
    .sort();

describe("synth", () => {
  it("leaves a table in S3 where it is, lets Extract read it there, and runs again when it has changed", () => {
    const uri = "s3://sales/2024/";
    const source = { name: "2024", sha256: "7".repeat(32), folder: true, uri };
    const made = synthesise({}, { source });
    expect(made.definition.Parameters[0]?.DefaultValue).toBe(uri);
    const role = JSON.stringify(made.template.Resources["ExtractRole"]);
    expect(role).toContain("arn:aws:s3:::sales/2024/*");
    expect(role).not.toContain("arn:aws:s3:::sales/*");
    const changed = synthesise({}, { source: { ...source, sha256: "8".repeat(32) } });
    expect(changed.runFingerprint).not.toBe(made.runFingerprint);
  });

  it("makes one stack of everything that a project needs", () => {
    expect(outline(synthesise())).toMatchInlineSnapshot(`
      [
        "Api ApiGateway::RestApi",
        "ApprovedPermission Lambda::Permission",
        "ApprovedRule Events::Rule",
        "BatchFunction Lambda::Function",
        "BatchLog Logs::LogGroup",
        "BatchRole IAM::Role",
        "DeployFunction Lambda::Function",
        "DeployLog Logs::LogGroup",
        "DeployRole IAM::Role",
        "Deployment… ApiGateway::Deployment",
        "EvaluateRole IAM::Role",
        "ExtractFunction Lambda::Function",
        "ExtractLog Logs::LogGroup",
        "ExtractRole IAM::Role",
        "GetMethod ApiGateway::Method",
        "GetPermission Lambda::Permission",
        "Group SageMaker::ModelPackageGroup",
        "ModelRole IAM::Role",
        "OptionsMethod ApiGateway::Method",
        "Path1 ApiGateway::Resource",
        "Pipeline SageMaker::Pipeline",
        "PipelineRole IAM::Role",
        "PostMethod ApiGateway::Method",
        "PostPermission Lambda::Permission",
        "PredictFunction Lambda::Function",
        "PredictLog Logs::LogGroup",
        "PredictRole IAM::Role",
        "PrepareRole IAM::Role",
        "Response4xx ApiGateway::GatewayResponse",
        "Response5xx ApiGateway::GatewayResponse",
        "ServingPermission Lambda::Permission",
        "ServingRule Events::Rule",
        "Stage ApiGateway::Stage",
        "TrainRole IAM::Role",
      ]
    `);
  });

  it("is the same text for the same project, and small enough to be sent as it is", () => {
    const text = JSON.stringify(synthesise().template);
    expect(JSON.stringify(synthesise().template)).toBe(text);
    expect(text.length).toBeLessThan(51_200);
  });

  it("runs scripts of the project's own in script mode, on channels of tables", () => {
    const { definition, keys } = synthesise(
      {
        prepare: { script: "code/clean.py" },
        train: { script: "code/train.py", hyperparameters: { "n-estimators": 9 } },
      },
      { scripts: "5".repeat(32) },
    );
    const [prepared, trained] = ["PrepareScript", "Train"].map((name) =>
      definition.Steps.find((step) => step.Name === name),
    );
    expect(prepared?.Arguments).toMatchObject({ Environment: { CAUCE_SCRIPT: "clean.py" } });
    expect(trained?.Arguments).toMatchObject({
      Environment: { CAUCE_SCRIPT: "train.py" },
      HyperParameters: {
        "n-estimators": "9",
        sagemaker_program: "cauce_run_script.py",
        sagemaker_submit_directory: `s3://cauce-000000000000-us-east-1/${keys.scripts}sourcedir.tar.gz`,
      },
    });
    const channels = trained?.Arguments["InputDataConfig"] as { ChannelName: string }[];
    expect(channels.map(({ ChannelName }) => ChannelName)).toEqual(["train", "validation", "features", "cauce"]);
  });

  it("gives AWS the steps in order, the gate's branches inside it", () => {
    const { definition } = synthesise();
    expect(definition.Version).toBe("2020-12-01");
    expect(definition.Steps.map(({ Name, Type }) => `${Name}:${Type}`)).toEqual([
      "Extract:Lambda",
      "Prepare:Processing",
      "Train:Training",
      "Evaluate:Processing",
      "Gate:Condition",
    ]);
    const gate = definition.Steps.at(-1)?.Arguments as { IfSteps: { Type: string }[]; ElseSteps: { Type: string }[] };
    expect([gate.IfSteps[0]?.Type, gate.ElseSteps[0]?.Type]).toEqual(["RegisterModel", "Fail"]);
  });

  it("names no execution in what a step takes, or caching would never find the same twice", () => {
    for (const step of synthesise().definition.Steps) {
      const { ProcessingInputs, InputDataConfig, AppSpecification, HyperParameters, Environment } = step.Arguments;
      expect(
        JSON.stringify([ProcessingInputs, InputDataConfig, AppSpecification, HyperParameters, Environment]),
      ).not.toContain("Execution.");
    }
  });

  it("gives no role a star where a name would do", () => {
    const unlimited = ["ecr:GetAuthorizationToken", "cloudwatch:PutMetricData", /^sagemaker:List/];
    for (const [id, { Type, Properties }] of Object.entries(synthesise().template.Resources)) {
      if (Type !== "AWS::IAM::Role") continue;
      const [policy] = (Properties ?? {})["Policies"] as {
        PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] };
      }[];
      for (const { Action, Resource } of policy?.PolicyDocument.Statement ?? []) {
        const actions = [Action].flat();
        expect(actions.join(), id).not.toMatch(/(^|,)(\*|[a-z0-9]+:\*)/);
        if (Resource === "*")
          expect(
            actions.filter((action) => !unlimited.some((known) => action.match(known))),
            id,
          ).toEqual([]);
      }
    }
  });

  it("waits for a person when the project says so", () => {
    expect(JSON.stringify(synthesise({ approve: "manual" }).definition)).toContain(
      '"ModelApprovalStatus":"PendingManualApproval"',
    );
    expect(JSON.stringify(synthesise().definition)).toContain('"ModelApprovalStatus":"Approved"');
  });

  it("makes another deployment of the API when its methods change, and none otherwise", () => {
    const deployment = (made: ReturnType<typeof synth>) =>
      Object.keys(made.template.Resources).find((id) => id.startsWith("Deployment"));
    expect(deployment(synthesise({ api: { cors: [] } }))).not.toBe(deployment(synthesise()));
    expect(deployment(synthesise({ deploy: { instances: 2 } }))).toBe(deployment(synthesise()));
    expect(outline(synthesise({ api: { cors: [] } })).join()).not.toMatch(/OptionsMethod|Response4xx/);
  });

  it("makes a resource for each part of a longer path", () => {
    const { Path1, Path2 } = synthesise({ api: { path: "/v1/score" } }).template.Resources;
    expect([Path1?.Properties?.["PathPart"], Path2?.Properties?.["PathPart"]]).toEqual(["v1", "score"]);
    expect(Path2?.Properties?.["ParentId"]).toEqual({ Ref: "Path1" });
  });

  it("takes the image of the region", () => {
    const made = synth(resolveProject(churn), contents, { account: "000000000000", region: "eu-west-1" });
    expect(JSON.stringify(made.definition)).toContain(
      "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    );
    expect(() => synth(resolveProject(churn), contents, { account: "000000000000", region: "eu-west-9" })).toThrow(
      /no XGBoost image/,
    );
  });
});

describe("plan", () => {
  const first = synthesise();
  const standing = {
    resources: first.template.Resources,
    definition: first.definition,
    runFingerprint: first.runFingerprint,
  };
  const because = (wanted: ReturnType<typeof synth>) =>
    Object.fromEntries(comparePlan(wanted, standing).steps.map(({ name, because }) => [name, because]));

  it("finds nothing to do when nothing has changed", () => {
    expect(comparePlan(synthesise(), standing)).toEqual({ resources: [], steps: [], deploys: false, warnings: [] });
  });

  it("creates everything where nothing stands", () => {
    const planned = comparePlan(first, { resources: {}, definition: undefined, runFingerprint: undefined });
    expect(planned.resources.every(({ action }) => action === "create")).toBe(true);
    expect(planned.steps.map(({ name }) => name)).toEqual(["Extract", "Prepare", "Train", "Evaluate", "Gate"]);
  });

  it("follows changed data through every step", () => {
    expect(because(synthesise({}, { source: { name: "customers.xlsx", sha256: "6".repeat(32) } }))).toEqual({
      Extract: "the data changed",
      Prepare: "Extract runs again",
      Train: "Prepare runs again",
      Evaluate: "Extract runs again",
      Gate: "Extract runs again",
    });
  });

  it("repeats only training and what follows from it when a hyperparameter changes", () => {
    expect(because(synthesise({ train: { hyperparameters: { eta: 0.1 } } }))).toEqual({
      Train: "its settings changed",
      Evaluate: "Train runs again",
      Gate: "Train runs again",
    });
  });

  it("deploys without a run when only the endpoint's settings change", () => {
    const planned = comparePlan(synthesise({ deploy: { instances: 2 } }), standing);
    expect(planned.deploys).toBe(true);
    expect(planned.resources.map(({ id, action }) => `${action} ${id}`)).toContain("change DeployFunction");
    expect(planned.steps).toEqual([]);
  });

  it("removes what the project no longer has", () => {
    const planned = comparePlan(synthesise({ api: { cors: [] } }), standing);
    expect(
      planned.resources
        .filter(({ action }) => action === "remove")
        .map(({ id }) => id.replace(/Deployment.*/, "Deployment")),
    ).toEqual(["OptionsMethod", "Response4xx", "Response5xx", "Deployment"]);
  });
});

describe("what AWS limits", () => {
  it("keeps names within their lengths for the longest project", () => {
    const made = synthesise({ name: "a".repeat(32) });
    for (const { Type, Properties } of Object.values(made.template.Resources)) {
      for (const [key, value] of Object.entries(Properties ?? {}))
        if (key.endsWith("Name") && typeof value === "string")
          expect(value.length, `${Type}.${key}`).toBeLessThanOrEqual(64);
    }
    expect(isRecord(made.definition)).toBe(true);
  });
});
