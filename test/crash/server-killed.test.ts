import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { clientsOf, filesBelow, killServer, startCommand, until, writeProject } from "./crashing.ts";

/** One story: the server is killed where it hurts, and each next command goes on from there. */
describe("the server is killed", { timeout: 90_000 }, () => {
  let user: CauceHome;

  beforeAll(async () => {
    user = await openHome();
    writeProject(user.work, "late");
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("while the stack is created: the command says so, the next start tells, and the stack is rolled back", async () => {
    const { cloudformation } = await clientsOf(user);
    const up = startCommand(user, ["up", "--json"]);
    await until(async () => {
      const { StackSummaries = [] } = await cloudformation.listStacks({});
      return StackSummaries.some(({ StackStatus }) => StackStatus === "CREATE_IN_PROGRESS");
    });
    killServer(user);
    const ran = await up.ended;
    expect({ code: ran.code, last: ran.lines.at(-1) }).toMatchObject({
      code: 1,
      last: { error: { code: "ServerLost", fix: expect.stringContaining("Run the same again") as string } },
    });
    expect((await user.cauce(["status"])).stdout).toMatch(
      /does not run: process \d+ was killed[\s\S]*tells what was interrupted/,
    );
    const next = await user.cauce(["env"]);
    expect(next.stderr).toMatch(/^The server before this one \(process \d+\) ended without stopping/);
    expect(next).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/The stack late was CREATE_IN_PROGRESS: it is rolled back/),
    });
    await expect.poll(() => stackStatus(user), { timeout: 15_000 }).toBe("ROLLBACK_COMPLETE");
    const { stdout } = await user.cauce(["status"]);
    expect(stdout).toMatch(/ROLLBACK_COMPLETE · The server stopped while this was in progress/);
    expect(stdout).toMatch(
      /! The server before this one .*\n {2}! The stack late was CREATE_IN_PROGRESS: it is rolled back/,
    );
    // Whoever looks into the log later reads when, and which process.
    expect(readFileSync(`${user.home}/server.log`, "utf8")).toMatch(
      /\n\d{4}-\d\d-\d\dT\S+ The stack late was CREATE_IN_PROGRESS: it is rolled back/,
    );
  });

  it("while it trains: the job and the run fail with the reason, nothing of the job is left", async () => {
    const up = startCommand(user, ["up", "--json"]);
    const { sagemaker } = await clientsOf(user);
    await until(async () => {
      const { TrainingJobSummaries = [] } = await sagemaker.listTrainingJobs({ StatusEquals: "InProgress" });
      return TrainingJobSummaries.length > 0;
    });
    killServer(user);
    expect(await up.ended).toMatchObject({ code: 1 });
    const after = await clientsOf(user);
    await expect
      .poll(async () =>
        (await after.sagemaker.listTrainingJobs({})).TrainingJobSummaries?.map((job) => job.TrainingJobStatus),
      )
      .toEqual(["Failed"]);
    const [job] = (await after.sagemaker.listTrainingJobs({})).TrainingJobSummaries ?? [];
    const { FailureReason } = await after.sagemaker.describeTrainingJob({ TrainingJobName: job?.TrainingJobName });
    expect(FailureReason).toContain("The server ended unexpectedly");
    expect((await user.cauce(["status"])).stdout).toMatch(/Failed · train: The server stopped while this was running/);
    expect(filesBelow(`${user.home}/jobs`)).toEqual([]);
  });

  it("while the endpoint comes: the next `up` ends at a URL that answers", async () => {
    const up = startCommand(user, ["up", "--json"]);
    const { sagemaker } = await clientsOf(user);
    await until(async () => ((await sagemaker.listEndpoints({})).Endpoints?.length ?? 0) > 0, 60);
    killServer(user);
    await up.ended;
    const again = await user.cauce(["up", "--json"]);
    expect(again).toMatchObject({ code: 0 });
    const answer = await fetch(String(again.lines.at(-1)?.["url"]), {
      method: "POST",
      body: '{"distance":90,"by":"road"}',
    });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 200,
      body: { prediction: "yes" },
    });
  });

  it("while it destroys: a second `destroy` leaves nothing", async () => {
    const destroy = startCommand(user, ["destroy", "--name", "late", "--json"]);
    await until(() => destroy.said.stderr.includes("removed"));
    killServer(user);
    await destroy.ended;
    expect(await user.cauce(["destroy", "--name", "late"])).toMatchObject({ code: 0 });
    const { s3, sagemaker, cloudformation } = await clientsOf(user);
    const { StackSummaries = [] } = await cloudformation.listStacks({});
    expect(StackSummaries.filter(({ StackStatus }) => StackStatus !== "DELETE_COMPLETE")).toEqual([]);
    expect((await sagemaker.listEndpoints({})).Endpoints).toEqual([]);
    expect((await sagemaker.listTrainingJobs({})).TrainingJobSummaries).toEqual([]);
    expect((await s3.listBuckets({})).Buckets).toEqual([]);
    await expect.poll(() => filesBelow(`${user.home}/blobs`)).toEqual([]);
  });
});

async function stackStatus(user: CauceHome): Promise<string | undefined> {
  const { cloudformation } = await clientsOf(user);
  return (await cloudformation.listStacks({})).StackSummaries?.[0]?.StackStatus;
}
