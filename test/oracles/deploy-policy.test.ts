import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { IAM } from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Target } from "#aws";
import {
  applyPolicies,
  deployStatements,
  destroy,
  listProjects,
  logs,
  plan,
  predictRows,
  resolveProject,
  status,
  up,
} from "#pipeline";
import { shareRuntimes } from "#test/shared-runtimes";
import { startCauce, type TestServer } from "#test/start-cauce";
import { ACCOUNT, assume, TRUST, watchDecisions } from "./policy-holder.ts";
import { unusedOf, type Used } from "./policy-use.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const ROLE = "github";

/** Somebody with the policy of `cauce bootstrap aws`, and with nothing else, goes the whole way; the embedded AWS enforces it. */
describe("the least policy of who deploys", () => {
  let base: string;
  let cauce: TestServer;
  let admin: Target;
  let deployer: Target;
  const used: Used[] = [];
  const project = resolveProject({ name: "penguins", data: { source: "penguins.csv", target: "species" } });
  const places = () => ({ folder: base, assets: ROOT, cache: join(base, "cache") });

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), "cauce-policy-"));
    await shareRuntimes(join(base, "home"));
    await writeFile(join(base, "penguins.csv"), await readFile(join(ROOT, "test/journeys/penguins.csv")));
    watchDecisions(used);
    cauce = await startCauce({ home: join(base, "home") });
    admin = {
      name: "aws",
      account: ACCOUNT,
      region: "us-east-1",
      endpoint: cauce.endpoint,
      credentials: cauce.credentials,
      functionPlatform: `${process.platform}-${process.arch}`,
      securesBucket: true,
    };
  }, 60_000);

  afterAll(async () => {
    vi.restoreAllMocks();
    await cauce?.[Symbol.asyncDispose]();
    await rm(base, { recursive: true, force: true, maxRetries: 5 });
  });

  it("is put into the account with a role, and put there again without a change", async () => {
    const made = await applyPolicies(admin, {
      purpose: { deploys: { name: "penguins" } },
      role: { name: ROLE, trust: TRUST },
    });
    expect(made.role).toEqual({ arn: `arn:aws:iam::${ACCOUNT}:role/${ROLE}`, action: "created" });
    expect(new Set(made.policies.map(({ action }) => action))).toEqual(new Set(["created"]));
    const again = await applyPolicies(admin, {
      purpose: { deploys: { name: "penguins" } },
      role: { name: ROLE, trust: TRUST },
    });
    expect(new Set(again.policies.map(({ action }) => action))).toEqual(new Set(["unchanged"]));
    deployer = await assume(cauce, admin, ROLE);
  });

  it("is enough for plan, up, status, logs, predict and destroy", { timeout: 240_000 }, async () => {
    const { account } = await plan(deployer, project, { ...places(), account: {} });
    expect(account?.quotas).toMatchObject({
      quotas: expect.arrayContaining([expect.objectContaining({ allowed: 1000 })]),
    });
    const { url } = await up(deployer, project, places());
    expect(url).toBeDefined();
    const scaled = { instances: { min: 1, max: 2 }, invocationsPerInstance: 100 };
    const changed = { name: "penguins", data: project.data, tags: { team: "birds" }, deploy: scaled };
    await up(deployer, resolveProject({ ...changed, api: { cors: ["https://example.com"] } }), places());
    expect(await listProjects(deployer)).toEqual(["penguins"]);
    await status(deployer, "penguins");
    await logs(deployer, "penguins", ["extract", "prepare", "train", "predict", "deploy", "endpoint"]);
    const rows = {
      data: { source: "penguins.csv" },
      folder: base,
      cache: base,
      format: "csv",
      out: join(base, "o.csv"),
    } as const;
    await predictRows(deployer, "penguins", rows, {});
    expect(await destroy(deployer, "penguins")).toBe(true);
    expect(cauce.reports).toEqual([]);
  });

  it("allows nothing that is not asked for, but for what only AWS asks for", () => {
    const grantee = { place: { account: ACCOUNT, region: "us-east-1" }, project: "penguins" };
    const statements = deployStatements(grantee).map(({ actions, resources }) => ({
      Action: actions,
      Resource: resources,
    }));
    const unused = unusedOf(ROLE, statements, used).filter((one) => !/ on .*penguins-\*/.test(one));
    expect(unused).toEqual([]);
  });

  it("is needed: without a statement AWS's own sentence says what is missing", async () => {
    const iam = new IAM(cauce.client);
    const { AttachedPolicies = [] } = await iam.listAttachedRolePolicies({ RoleName: ROLE });
    for (const { PolicyArn = "" } of AttachedPolicies) await iam.detachRolePolicy({ RoleName: ROLE, PolicyArn });
    iam.destroy();
    await expect(plan(deployer, project, places())).rejects.toMatchObject({
      explanation: {
        why: expect.stringMatching(
          /is not authorized to perform: \w+:\w+ on resource: .* because no identity-based policy allows/,
        ),
      },
    });
  });
});
