// Kills in the middle of a batch transform: the job that was acknowledged ends with a reason, and no answer is half there.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pause, recover, tidy } from "./recovery.mjs";
import { below, kill } from "./system.mjs";

const CLIENT = fileURLToPath(new URL("transform-client.mjs", import.meta.url));
/** What `kept-` begins stays when the project is destroyed. */
const NAME = "kept-by-the-bench";
const BUCKET = "kept-for-transforms";
const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const FILES = 6;
const ROWS = 12;
/** Python, so that there is a process to kill; slow enough that there is a middle. */
const PROGRAM = `import time
def model_fn(folder): return None
def transform_fn(model, data, content_type, accept):
    time.sleep(0.02)
    return "".join(f"{sum(map(int, line.split(',')))}\\n" for line in data.splitlines() if line), "text/csv"
`;

/** One kill in a transform job that this begins. */
export async function killDuringTransform(lane, { victim, random }) {
  const variables = (await lane.cauce("env", "--json")).last;
  lane.transformSeconds ??= await measure(lane, variables, random);
  const name = `kept-${random.whole(2 ** 31)}`;
  const { child, ended, said } = await begin(name, variables);
  // A job's process begins about halfway.
  const moment = random.next() * lane.transformSeconds * (victim === "job" ? 0.5 : 1);
  const { hit, family } = await strike(lane, { victim, moment, child });
  if (victim === "cli") kill(child.pid);
  await Promise.race([ended, pause(60_000)]);
  kill(child.pid);
  await ended;
  const again = await recover(lane, family);
  const wrong = [...again.wrong];
  if (again.clients) {
    wrong.push(...(await audit(again.clients, name, said().includes("acknowledged"))));
    wrong.push(...(await tidy(lane)));
  }
  const told = victim === "server" ? again.told : !wrong.some((one) => one.includes("without a reason"));
  return { hit, moment, wrong, restart: again.seconds, told };
}

async function begin(name, variables) {
  const child = spawn(process.execPath, [CLIENT, name, String(FILES), String(ROWS), BUCKET, NAME], {
    env: { ...process.env, ...variables, NODE_NO_WARNINGS: "1" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => (said += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  while (!said.includes("ready") && child.exitCode === null) await pause(5);
  return { child, ended, said: () => said };
}

/** How long one takes here, unharmed: the moments to kill are chosen within. */
async function measure(lane, variables, random) {
  await makeModel(lane);
  const { ended } = await begin(`kept-${random.whole(2 ** 31)}`, variables);
  const began = performance.now();
  await ended;
  return (performance.now() - began) / 1000;
}

async function strike(lane, { victim, moment, child }) {
  if (victim !== "job") {
    await pause(moment * 1000);
    const hit = child.exitCode === null;
    return { hit, family: victim === "server" ? await lane.killServer() : [] };
  }
  while (child.exitCode === null) {
    const pid = lane.server()?.pid;
    const worker = pid && below(pid).find(({ command }) => /^\S*python\S* .*-m cauce_container\.serve/.test(command));
    if (worker) {
      await pause(moment * 1000);
      return { hit: child.exitCode === null && kill(worker.pid), family: [] };
    }
    await pause(10);
  }
  return { hit: false, family: [] };
}

/** What the job says of itself, and whether its answers are what it says. `recover` has waited for its end. */
async function audit({ sagemaker, s3 }, TransformJobName, acknowledged) {
  const job = await sagemaker.describeTransformJob({ TransformJobName }).catch(() => undefined);
  if (!job) return acknowledged ? [`the acknowledged job ${TransformJobName} is not there`] : [];
  const { TransformJobStatus: status, FailureReason: reason } = job;
  const wrong = status === "Failed" && !reason ? ["the job failed without a reason"] : [];
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: BUCKET, Prefix: `out/${TransformJobName}/` });
  if (status === "Completed" && Contents.length !== FILES)
    wrong.push(`the job is Completed with ${Contents.length} of ${FILES} answers`);
  for (const { Key } of Contents) {
    const { Body } = await s3.getObject({ Bucket: BUCKET, Key });
    const file = Number(/(\d+)\.csv\.out$/.exec(Key)?.[1]);
    const whole = Array.from({ length: ROWS }, (_, row) => `${file + row}\n`).join("");
    if ((await Body.transformToString()) !== whole) wrong.push(`${Key} is half there`);
  }
  return wrong;
}

/** A role, a bucket and a model of the bench's own. */
async function makeModel(lane) {
  const { s3, iam, sagemaker } = await lane.clients();
  const trust = { Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" };
  const document = (Statement) => JSON.stringify({ Version: "2012-10-17", Statement: [Statement] });
  await iam.createRole({ RoleName: NAME, AssumeRolePolicyDocument: document(trust) });
  const s3Policy = document({ Effect: "Allow", Action: "s3:*", Resource: "*" });
  await iam.putRolePolicy({ RoleName: NAME, PolicyName: "s3", PolicyDocument: s3Policy });
  await s3.createBucket({ Bucket: BUCKET }).catch(() => {});
  await s3.putObject({ Bucket: BUCKET, Key: "model/model.tar.gz", Body: archive() });
  await sagemaker.createModel({
    ModelName: NAME,
    ExecutionRoleArn: `arn:aws:iam::000000000000:role/${NAME}`,
    PrimaryContainer: {
      Image: IMAGE,
      ModelDataUrl: `s3://${BUCKET}/model/model.tar.gz`,
      Environment: { SAGEMAKER_PROGRAM: "inference.py", SAGEMAKER_SUBMIT_DIRECTORY: "/opt/ml/model/code" },
    },
  });
}

function archive() {
  const folder = mkdtempSync(join(tmpdir(), "cauce-bench-model-"));
  try {
    execFileSync("mkdir", [join(folder, "code")]);
    writeFileSync(join(folder, "code/inference.py"), PROGRAM);
    execFileSync("tar", ["-czf", join(folder, "model.tar.gz"), "-C", folder, "code"]);
    return readFileSync(join(folder, "model.tar.gz"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
