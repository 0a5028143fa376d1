import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createKernel, defineService, type Kernel, rootPrincipal } from "#kernel";
import { shareRuntimes } from "#test/shared-runtimes";
import { services } from "../../index.ts";
import { requireRuntime } from "../compute/index.ts";
import { jobOperations, jobPermissions, jobTables, startJobs } from "./index.ts";

export const ACCOUNT = "000000000000";
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/job`;
export const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const ASSETS = resolve(import.meta.dirname, "../../../..");

/** Training and processing in a kernel with the real services around them, and real files. */
export interface Bench {
  readonly kernel: Kernel;
  readonly home: string;
  readonly call: ReturnType<Kernel["context"]>["call"];
  readonly reports: unknown[];
  close(): Promise<void>;
}

export async function openBench(at?: string): Promise<Bench> {
  const home = at ?? (await mkdtemp(join(tmpdir(), "cauce-jobs-")));
  await provideRuntimes(home);
  const sagemaker = defineService({
    name: "sagemaker",
    tables: jobTables,
    operations: jobOperations,
    permissions: jobPermissions,
    start: startJobs,
  });
  const around = services.filter(({ name }) => ["iam", "sts", "s3", "logs", "events"].includes(name));
  const reports: unknown[] = [];
  const kernel = await createKernel({
    settings: { home, account: ACCOUNT, region: "us-east-1", host: "127.0.0.1", port: 0, assets: ASSETS },
    services: [...around, sagemaker],
    report: (where, error) => reports.push({ where, error }),
  });
  const { call } = kernel.context("sagemaker", rootPrincipal(ACCOUNT));
  return {
    kernel,
    home,
    call,
    reports,
    async close() {
      await kernel.stop();
      if (at === undefined) await rm(home, { recursive: true, force: true });
    },
  };
}

/** Lets a home use the shared runtimes, and makes the one that jobs need: a test does not wait for pip. */
export async function provideRuntimes(home: string): Promise<void> {
  await shareRuntimes(home);
  await requireRuntime({ home, assets: ASSETS }, IMAGE);
}

/** A role that trusts SageMaker and may do everything with S3, and a bucket. */
export async function prepare({ call }: Pick<Bench, "call">): Promise<void> {
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: "sagemaker.amazonaws.com" }, Action: "sts:AssumeRole" }],
  };
  await call("iam", "CreateRole", { RoleName: "job", AssumeRolePolicyDocument: JSON.stringify(trust) });
  const policy = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] };
  await call("iam", "PutRolePolicy", { RoleName: "job", PolicyName: "s3", PolicyDocument: JSON.stringify(policy) });
  await call("s3", "CreateBucket", { Bucket: "bucket" });
}
