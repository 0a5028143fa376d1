import { mkdir, symlink } from "node:fs/promises";
import { join, resolve } from "node:path";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { IAM } from "@aws-sdk/client-iam";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { describeSandbox } from "#kernel";
import { startCauce, type TestServer } from "#test/start-cauce";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const RUNTIMES = resolve(import.meta.dirname, "../../node_modules/.cache/cauce/runtimes");

/** What a hostile job would try. It prints what it found, as JSON. */
const SPY = `
import json, os, pathlib, signal, sys, time
home, mine = sys.argv[1:3]
pathlib.Path("/opt/ml/processing").mkdir(parents=True, exist_ok=True)
pathlib.Path("/opt/ml/processing/secret-of-" + mine).write_text(mine)
pathlib.Path("/tmp/secret-of-" + mine).write_text(mine)
time.sleep(3)
found = {"mine": mine, "secrets": sorted(str(p) for root in ("/opt/ml", "/tmp") for p in pathlib.Path(root).rglob("secret-of-*"))}
def attempt(name, work):
    try:
        found[name] = work()
    except BaseException as error:
        found[name] = type(error).__name__
attempt("credentials", lambda: pathlib.Path(home, "credentials").read_text())
attempt("state", lambda: pathlib.Path(home, "state.db").read_bytes()[:4].hex())
attempt("written", lambda: pathlib.Path(home, "server.json").write_text("{}"))
attempt("other users", lambda: pathlib.Path("/root/.ssh").exists() or pathlib.Path.home().exists() and os.listdir("/root"))
attempt("processes", lambda: sorted(p for p in os.listdir("/proc") if p.isdigit() and b"vitest" in pathlib.Path("/proc", p, "cmdline").read_bytes()))
attempt("kill", lambda: os.kill(int(sys.argv[3]), 0))
attempt("user", os.getuid)
attempt("root", lambda: os.setuid(0))
found["key"] = os.environ.get("AWS_ACCESS_KEY_ID", "")[:4]
found["environment"] = sorted(n for n in os.environ if n.startswith("A_SECRET") or n.startswith(("CAUCE_HOME", "VITEST", "NODE_", "npm_")))
print("found " + json.dumps(found))
`;

/** Where the machine has no namespaces, jobs are not kept apart, and `doctor` says so: then there is nothing to test. */
describe.skipIf((await describeSandbox()).kind === "none")("jobs are kept apart", () => {
  let cauce: TestServer;
  let found: Record<string, unknown>[];

  beforeAll(async () => {
    process.env["A_SECRET_OF_THE_SHELL"] = "secret";
    cauce = await startCauce();
    await mkdir(RUNTIMES, { recursive: true });
    await symlink(RUNTIMES, join(cauce.home, "runtimes"));
    const trust = [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }];
    const iam = new IAM(cauce.client);
    await iam.createRole({
      RoleName: "job",
      AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: trust }),
    });
    await iam.attachRolePolicy({ RoleName: "job", PolicyArn: "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess" });
    const s3 = new S3({ ...cauce.client, forcePathStyle: true });
    await s3.createBucket({ Bucket: "spies" });
    await s3.putObject({ Bucket: "spies", Key: "spy.py", Body: SPY });
    found = await Promise.all(["one", "two"].map((name) => spy(cauce, name)));
  }, 180_000);
  afterAll(async () => {
    delete process.env["A_SECRET_OF_THE_SHELL"];
    await cauce[Symbol.asyncDispose]();
  });

  it("two at once do not see each other's files", () => {
    expect(found.map(({ mine, secrets }) => ({ mine, secrets }))).toEqual(
      ["one", "two"].map((mine) => ({
        mine,
        secrets: [`/opt/ml/processing/secret-of-${mine}`, `/tmp/secret-of-${mine}`],
      })),
    );
  });

  it("do not see the home, its keys, the server's process or the shell's variables", () => {
    for (const each of found) {
      expect(each).toMatchObject({
        credentials: expect.stringMatching(/^(FileNotFound|Permission)Error$/),
        state: expect.stringMatching(/^(FileNotFound|Permission)Error$/),
        written: expect.stringMatching(/Error$/),
        processes: [],
        kill: expect.stringMatching(/^(ProcessLookup|Permission)Error$/),
        environment: [],
        // AWS: of a session of the job's role; the account's own begins with AKIA.
        key: "ASIA",
      });
      expect(String(each["user"] === 0 ? each["root"] : "PermissionError")).toMatch(/Error|null/);
    }
  });
});

async function spy(cauce: TestServer, name: string): Promise<Record<string, unknown>> {
  const sagemaker = new SageMaker(cauce.client);
  await sagemaker.createProcessingJob({
    ProcessingJobName: name,
    RoleArn: "arn:aws:iam::000000000000:role/job",
    AppSpecification: {
      ImageUri: IMAGE,
      ContainerEntrypoint: ["python3", "/opt/ml/processing/input/spy.py"],
      ContainerArguments: [cauce.home, name, String(process.pid)],
    },
    ProcessingInputs: [
      {
        InputName: "code",
        S3Input: {
          S3Uri: "s3://spies/spy.py",
          LocalPath: "/opt/ml/processing/input",
          S3DataType: "S3Prefix",
          S3InputMode: "File",
        },
      },
    ],
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: "ml.m5.large", VolumeSizeInGB: 1 } },
  });
  for (;;) {
    const { ProcessingJobStatus: status, FailureReason } = await sagemaker.describeProcessingJob({
      ProcessingJobName: name,
    });
    if (status === "Failed") throw new Error(FailureReason);
    if (status === "Completed") break;
    await new Promise((done) => setTimeout(done, 100));
  }
  const { events = [] } = await new CloudWatchLogs(cauce.client).filterLogEvents({
    logGroupName: "/aws/sagemaker/ProcessingJobs",
    logStreamNamePrefix: `${name}/`,
  });
  const line = events.find(({ message }) => message?.startsWith("found "))?.message;
  if (line === undefined) throw new Error(`The job said: ${JSON.stringify(events)}`);
  return JSON.parse(line.slice(6)) as Record<string, unknown>;
}
