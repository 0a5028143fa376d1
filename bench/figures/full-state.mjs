// The start with 10,000 objects and 500 SageMaker resources in the state, against the start of an empty home.
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, medianRatio, milliseconds, times } from "../numbers.mjs";
import { end } from "../processes.mjs";
import { send } from "../s3-client.mjs";
import { signedHeaders } from "../sign.mjs";
import { createRole, newHome, startServer } from "../stage.mjs";
import { firstAnswer } from "./start.mjs";

const OBJECTS = 10_000;
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const BUDGET = 1.5;

export async function measure() {
  const [empty, full] = [newHome(), newHome()];
  await fill(full);
  const sides = { empty: () => firstAnswer(empty), full: () => firstAnswer(full) };
  // The first start of a home makes its keys and tables.
  await inTurn(1, sides);
  const results = await inTurn(5, sides);
  const ratio = medianRatio(results.full, results.empty);
  return [
    {
      what: "start with 10,000 objects, 500 SageMaker resources",
      value: milliseconds(median(results.full)),
      reference: `an empty home ${milliseconds(median(results.empty))}`,
      ratio: times(ratio),
      budget: `≤ ${times(BUDGET)}`,
      ok: ratio <= BUDGET,
    },
  ];
}

async function fill(home) {
  const at = await startServer(home);
  try {
    const role = await createRole(at, "bench");
    await send(at, "PUT", "/full");
    const keys = Array.from({ length: OBJECTS }, (_, i) => `/full/folder-${i % 100}/object-${i}`);
    await ask(at, [...keys.map((path) => object(at, path)), object(at, "/full/model.tar.gz")]);
    await ask(
      at,
      numbered(200, (i) => create(at, "Model", { ModelName: `model-${i}`, ...model(role) })),
    );
    await ask(
      at,
      numbered(200, (i) => create(at, "EndpointConfig", config(i))),
    );
    await ask(
      at,
      numbered(100, (i) => create(at, "ModelPackageGroup", { ModelPackageGroupName: `group-${i}` })),
    );
  } finally {
    await end(at.child);
  }
}

const numbered = (length, of) => Array.from({ length }, (_, i) => of(i));
const ask = (at, requests) => load(at.endpoint, requests, { once: true });

function object(at, path) {
  const body = `The object at ${path}.`;
  return rawRequest("PUT", path, signedHeaders({ method: "PUT", path, service: "s3", body }, at), body);
}

function create(at, kind, input) {
  const body = JSON.stringify(input);
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `SageMaker.Create${kind}` };
  const request = { method: "POST", path: "/", service: "sagemaker", headers, body };
  return rawRequest("POST", "/", signedHeaders(request, at), body);
}

function model(ExecutionRoleArn) {
  return { ExecutionRoleArn, PrimaryContainer: { Image: IMAGE, ModelDataUrl: "s3://full/model.tar.gz" } };
}

function config(i) {
  const variant = { VariantName: "all", ModelName: `model-${i}`, InitialInstanceCount: 1, InstanceType: "ml.m5.large" };
  return { EndpointConfigName: `config-${i}`, ProductionVariants: [variant] };
}
