import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runPython, startServerProcess } from "#test/cauce-process";

interface Answered {
  readonly type: string;
  readonly body: string;
}
interface Happened {
  readonly objects: readonly string[];
  readonly xgboost: {
    status: string;
    model: string;
    metrics: Record<string, number>;
    adelie: Answered;
    other: Answered;
  };
  readonly linear: Happened["xgboost"];
  readonly [step: string]: unknown;
}

/** The user's own script, with nothing about Cauce in it: environment variables of AWS's are all that it gets. */
describe("the walkthrough by hand, with boto3", () => {
  let happened: Happened;

  beforeAll(async () => {
    await using server = await startServerProcess();
    const aws = await server.awsVariables();
    const script = join(import.meta.dirname, "walkthrough.py");
    const table = join(import.meta.dirname, "penguins.csv");
    const INVOKE_URL = `${aws["AWS_ENDPOINT_URL"]}/_aws/execute-api/{api}/{stage}`;
    const { code, stdout, stderr } = await runPython([script, table, "penguins"], { ...aws, INVOKE_URL });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    happened = JSON.parse(stdout) as Happened;
  }, 300_000);

  it("uploads the table", () => {
    expect(happened.objects).toEqual(["train/penguins.csv", "validation/penguins.csv"]);
  });

  it("trains and hosts the built-in XGBoost, which answers CSV with a number", () => {
    const { status, model, metrics, adelie, other } = happened.xgboost;
    expect(status).toBe("Completed");
    expect(model).toBe("s3://penguins-data/models/penguins-xgboost/output/model.tar.gz");
    expect(metrics["validation:logloss"]).toBeLessThan(0.2);
    expect(adelie.type).toBe("text/csv; charset=utf-8");
    expect(Number(adelie.body)).toBeGreaterThan(0.9);
    expect(Number(other.body)).toBeLessThan(0.1);
  });

  it("trains and hosts linear-learner, which answers in its documented form", () => {
    const { status, adelie, other } = happened.linear;
    expect(status).toBe("Completed");
    expect(adelie.type).toBe("application/json");
    // AWS: "Linear learner response formats" in the developer guide.
    expect(JSON.parse(adelie.body)).toEqual({ predictions: [{ score: expect.any(Number), predicted_label: 1 }] });
    expect(JSON.parse(other.body)).toEqual({ predictions: [{ score: expect.any(Number), predicted_label: 0 }] });
  });

  it("refuses an instance type that SageMaker does not have, in AWS's words", () => {
    const refused = happened["refused instance"] as { status: number; says: string };
    expect(refused.status).toBe(400);
    expect(refused.says).toMatch(
      /^An error occurred \(ValidationException\) when calling the CreateEndpointConfig operation: 1 validation error detected: Value 'ml\.m4\.large' at 'productionVariants\.1\.member\.instanceType' failed to satisfy constraint: Member must satisfy enum value set: \[(ml\.[\w.-]+, )+ml\.[\w.-]+\]$/,
    );
  });

  it("lets the function call the endpoint only with the permission", () => {
    expect(happened["without the permission"]).toEqual({
      error: "Unhandled",
      payload: {
        errorMessage:
          "An error occurred (AccessDeniedException) when calling the InvokeEndpoint operation: User: arn:aws:sts::000000000000:assumed-role/penguins-function/penguins-predict is not authorized to perform: sagemaker:InvokeEndpoint on resource: arn:aws:sagemaker:us-east-1:000000000000:endpoint/penguins-xgboost because no identity-based policy allows the sagemaker:InvokeEndpoint action",
        errorType: "ClientError",
        requestId: expect.any(String),
        stackTrace: expect.any(Array),
      },
    });
    expect(happened["with the permission"]).toEqual({ error: null, payload: { species: "Adelie" } });
  });

  it("answers at the invoke URL, once API Gateway may call the function", () => {
    expect(happened["api without the permission"]).toMatchObject({
      status: 500,
      body: { message: "Internal server error" },
    });
    expect(happened["api adelie"]).toEqual({ status: 200, type: "application/json", body: { species: "Adelie" } });
    expect(happened["api other"]).toMatchObject({ status: 200, body: { species: "other" } });
    // AWS: a path that the API does not have.
    expect(happened["api nowhere"]).toMatchObject({ status: 403, body: { message: "Missing Authentication Token" } });
  });
});
