// A training job on 10,000 × 20 rows, then its model behind an endpoint; against the same training in plain Python.
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as sleep } from "node:timers/promises";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { inTurn, median, seconds, timed, times } from "../numbers.mjs";
import { output } from "../processes.mjs";
import { churn, newFolder, role, server } from "../stage.mjs";

const boost = fileURLToPath(new URL("../reference/boost.py", import.meta.url));
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const ROUNDS = 50;

export async function measure() {
  await churn();
  const at = await server();
  const sagemaker = new SageMaker(at.client);
  const file = join(newFolder(), "train.csv");
  writeFileSync(file, rowsOfNumbers(10_000, 20));
  const s3 = new S3({ ...at.client, forcePathStyle: true });
  await s3.createBucket({ Bucket: "bench-training" });
  await s3.putObject({ Bucket: "bench-training", Key: "train/train.csv", Body: readFileSync(file) });
  // The same Python and the same XGBoost as the job's.
  const runtimes = join(at.home, "runtimes");
  const name = readdirSync(runtimes).find((one) => /^sagemaker-xgboost-[^.]+\.?[^.]*-[0-9a-f]{12}$/.test(one));
  const python = join(runtimes, name, "bin/python3");
  const { ours, theirs, endpoints } = await inTurn(3, {
    theirs: () => timed(() => output(python, [boost, file, String(ROUNDS), `${file}.json`])),
    ours: (i) => train(sagemaker, `bench-${i}`),
    endpoints: (i) => deploy(sagemaker, `bench-${i}`),
  });
  const [trained, served] = [median(ours), median(endpoints)];
  const plain = median(theirs);
  const reference = `plain Python ${seconds(plain)}`;
  return [
    {
      what: `training job, 10,000 × 20, ${ROUNDS} rounds, to Completed`,
      value: seconds(trained),
      reference,
      ratio: times(trained / plain),
      budget: "< 5 s",
      ok: trained < 5000,
    },
    { what: "endpoint to InService", value: seconds(served), budget: "< 1 s", ok: served < 1000 },
  ];
}

async function train(sagemaker, TrainingJobName) {
  const began = performance.now();
  await sagemaker.createTrainingJob({
    TrainingJobName,
    RoleArn: await role(),
    AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: "File" },
    HyperParameters: { num_round: String(ROUNDS), objective: "binary:logistic", eval_metric: "auc" },
    InputDataConfig: [
      {
        ChannelName: "train",
        ContentType: "text/csv",
        DataSource: { S3DataSource: { S3DataType: "S3Prefix", S3Uri: "s3://bench-training/train/" } },
      },
    ],
    OutputDataConfig: { S3OutputPath: "s3://bench-training/out/" },
    ResourceConfig: { InstanceType: "ml.m5.large", InstanceCount: 1, VolumeSizeInGB: 10 },
    StoppingCondition: { MaxRuntimeInSeconds: 3600 },
  });
  await until(() => sagemaker.describeTrainingJob({ TrainingJobName }), "TrainingJobStatus", "Completed");
  return performance.now() - began;
}

async function deploy(sagemaker, name) {
  const { ModelArtifacts } = await sagemaker.describeTrainingJob({ TrainingJobName: name });
  const began = performance.now();
  const PrimaryContainer = { Image: IMAGE, ModelDataUrl: ModelArtifacts.S3ModelArtifacts };
  await sagemaker.createModel({ ModelName: name, ExecutionRoleArn: await role(), PrimaryContainer });
  const variant = { VariantName: "all", ModelName: name, InitialInstanceCount: 1, InstanceType: "ml.m5.large" };
  await sagemaker.createEndpointConfig({ EndpointConfigName: name, ProductionVariants: [variant] });
  await sagemaker.createEndpoint({ EndpointName: name, EndpointConfigName: name });
  await until(() => sagemaker.describeEndpoint({ EndpointName: name }), "EndpointStatus", "InService");
  return performance.now() - began;
}

async function until(describe, member, wanted) {
  for (;;) {
    const told = await describe();
    if (told[member] === wanted) return;
    if (told[member] === "Failed") throw new Error(told.FailureReason);
    await sleep(20);
  }
}

/** The label first; the same numbers each time. */
function rowsOfNumbers(rows, columns) {
  let state = 1;
  const random = () => (state = (state * 16_807) % 2_147_483_647) / 2_147_483_647;
  let text = "";
  for (let row = 0; row < rows; row++) {
    const cells = Array.from({ length: columns }, () => random().toFixed(4));
    text += `${Number(cells[0]) + Number(cells[1]) > 1 ? 1 : 0},${cells.join(",")}\n`;
  }
  return text;
}
