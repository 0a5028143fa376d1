import { execFileSync } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { join, resolve } from "node:path";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { EC2 } from "@aws-sdk/client-ec2";
import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";

const TABLE = resolve(import.meta.dirname, "penguins.csv");
const THERE = ["--to", "ec2", "--rehearse"];
const BUCKET = "cauce-000000000000-us-east-1";

/** One story: a table on one instance, which is rehearsed on the embedded AWS. */
describe("one instance as a target", { timeout: 180_000 }, () => {
  let user: CauceHome;
  let url: string;
  let certificate: string;
  let ec2: EC2;
  let s3: S3;
  let cloudformation: CloudFormation;

  beforeAll(async () => {
    user = await openHome();
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("says that there is none before there is one", async () => {
    const { code, stderr } = await user.cauce(["status", ...THERE]);
    expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("There is no instance") });
  });

  it("comes up to a URL of the instance: key pair, stack, second server, project", async () => {
    await connect();
    const missing = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--key", "vockey"]);
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining("The key pair 'vockey' does not exist") });
    await ec2.createKeyPair({ KeyName: "vockey", KeyType: "rsa" });

    const ran = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--key", "vockey", "--json"]);
    expect(ran).toMatchObject({ code: 0 });
    url = String(ran.lines.at(-1)?.["url"]);
    certificate = String(ran.lines.at(-1)?.["certificate"]);
    expect(url).toMatch(/^https:\/\/127\.\d+\.\d+\.\d+:4566\/_aws\/execute-api\//);
    expect(await instance()).toMatchObject({ KeyName: "vockey", InstanceType: "t3.micro", State: { Name: "running" } });
  });

  it("answers over TLS, to those who trust its certificate only", async () => {
    const body = JSON.stringify({ island: "Biscoe", bill_length_mm: 50, flipper_length_mm: 220, body_mass_g: 5200 });
    const ask = (...more: string[]) =>
      execFileSync("curl", ["-sS", ...more, url, "-H", "content-type: application/json", "-d", body], {
        encoding: "utf8",
        stdio: "pipe",
      });
    expect(JSON.parse(ask("--cacert", certificate))).toMatchObject({ prediction: "Gentoo" });
    expect(() => ask()).toThrow(/certificate/i);
  });

  it("is worked with by the same commands", async () => {
    const status = await user.cauce(["status", ...THERE, "--json"]);
    expect(status.lines.at(-1)).toMatchObject({ projects: [{ project: "penguins", url }] });
    expect((await user.cauce(["invoke", ...THERE])).stdout).toContain('"prediction"');
    expect((await user.cauce(["logs", "train", ...THERE])).stdout).toContain("trained ");
    const again = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--json"]);
    expect(again.lines.at(-1)).toMatchObject({ url, unchanged: true });
    // On this machine itself there is no project.
    expect((await user.cauce(["status", "--json"])).lines.at(-1)).toMatchObject({ projects: [] });
  });

  it("keeps nothing secret where others may look", async () => {
    const { InstanceId } = (await instance()) ?? {};
    const { UserData } = await ec2.describeInstanceAttribute({ InstanceId, Attribute: "userData" });
    const { TemplateBody = "" } = await cloudformation.getTemplate({ StackName: "CauceHost" });
    const { Body } = await s3.getObject({ Bucket: BUCKET, Key: "_host/access.json" });
    const access = JSON.parse((await Body?.transformToString()) ?? "") as { secretAccessKey: string };
    for (const text of [
      Buffer.from(UserData?.Value ?? "", "base64").toString(),
      TemplateBody,
      await consoleOf(InstanceId),
    ])
      expect(text).not.toContain(access.secretAccessKey);
  });

  it("survives the end of everything by SIGKILL, and leaves no process", async () => {
    const { pid } = JSON.parse(readFileSync(join(user.home, "server.json"), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    await expect.poll(() => processesOf(user.home), { timeout: 10_000 }).toEqual([]);
    const { stdout } = await user.cauce(["invoke", "--name", "penguins", ...THERE]);
    expect(stdout).toMatch(/The instance i-\w+ ended with the server; it boots again\./);
    expect(stdout).toContain('"prediction"');
    await connect();
    const ran = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--json"]);
    expect(ran.lines.at(-1)).toMatchObject({ url, unchanged: true });
  });

  it("replaces the instance and keeps what it held", async () => {
    const before = await instance();
    const ran = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--type", "t2.micro", "--json"]);
    expect(ran.lines.at(-1)).toMatchObject({ url, unchanged: true });
    const after = await instance();
    expect(after).toMatchObject({ InstanceType: "t2.micro", KeyName: "vockey" });
    expect(after?.InstanceId).not.toBe(before?.InstanceId);
    expect(after?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId).toBe(before?.BlockDeviceMappings?.[0]?.Ebs?.VolumeId);
    // The last thing that the old one did was to copy its state.
    const { Contents = [] } = await s3.listObjectsV2({ Bucket: BUCKET, Prefix: "_host/backup/" });
    expect(Contents.some(({ Key }) => Key === "_host/backup/latest.json")).toBe(true);
  });

  it("comes back from the copy in S3 when the volume is lost", async () => {
    await ec2.stopInstances({ InstanceIds: [(await instance())?.InstanceId ?? ""] });
    await expect.poll(async () => (await instance("stopped"))?.State?.Name, { timeout: 20_000 }).toBe("stopped");
    await cloudformation.deleteStack({ StackName: "CauceHost" });
    const stacks = async () => (await cloudformation.describeStacks({})).Stacks?.length;
    await expect.poll(stacks, { timeout: 20_000 }).toBe(0);
    const ran = await user.cauce(["up", TABLE, "--predict", "species", ...THERE, "--key", "vockey", "--json"]);
    expect(ran).toMatchObject({ code: 0 });
    // Another address, the same project: nothing was trained again.
    expect(ran.lines.at(-1)).toMatchObject({ unchanged: true });
    expect((await user.cauce(["invoke", ...THERE])).stdout).toContain('"prediction"');
  });

  it("goes with its last project, and leaves nothing", async () => {
    const gone = await user.cauce(["destroy", "--name", "penguins", ...THERE, "--json"]);
    expect(gone.lines.at(-1)).toMatchObject({ project: "penguins", removed: { instance: 1 } });
    expect((await cloudformation.describeStacks({})).Stacks).toEqual([]);
    expect((await ec2.describeVolumes({})).Volumes).toEqual([]);
    expect((await ec2.describeAddresses({})).Addresses).toEqual([]);
    const { Contents } = await s3.listObjectsV2({ Bucket: BUCKET }).catch(() => ({ Contents: undefined }));
    expect(Contents).toBeUndefined();
    await user.cauce(["down"]);
    expect(processesOf(user.home)).toEqual([]);
  });

  /** The server has another port after each start. */
  async function connect(): Promise<void> {
    const variables = await user.awsVariables();
    const client = {
      endpoint: user.endpoint(),
      region: "us-east-1",
      credentials: {
        accessKeyId: variables["AWS_ACCESS_KEY_ID"] ?? "",
        secretAccessKey: variables["AWS_SECRET_ACCESS_KEY"] ?? "",
      },
    };
    ec2 = new EC2(client);
    s3 = new S3({ ...client, forcePathStyle: true });
    cloudformation = new CloudFormation(client);
  }

  async function instance(state = "running") {
    const Filters = [{ Name: "instance-state-name", Values: [state] }];
    return (await ec2.describeInstances({ Filters })).Reservations?.[0]?.Instances?.[0];
  }

  async function consoleOf(InstanceId: string | undefined): Promise<string> {
    const { Output = "" } = await ec2.getConsoleOutput({ InstanceId });
    return Buffer.from(Output, "base64").toString();
  }
});

/** Processes that name a folder, but for those that look for it. */
function processesOf(folder: string): string[] {
  const real = realpathSync(folder);
  const all = execFileSync("ps", ["-eo", "args"], { encoding: "utf8" }).split("\n");
  return all.filter((line) => line.includes(real) || line.includes(folder));
}
