import { execFileSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";

interface Truth {
  readonly record: Readonly<Record<string, unknown>>;
  readonly pipeline: readonly number[];
  readonly classifier: readonly number[];
  readonly counts: number;
}

/** Models that exist already, made as people make them, each at a URL with no training. */
describe("cauce deploy", { timeout: 180_000 }, () => {
  let user: CauceHome;
  let truth: Truth;
  let python: string;

  const deploy = async (...args: readonly string[]) => {
    const ran = await user.cauce(["deploy", ...args, "--json"]);
    return { ...ran, last: ran.lines.at(-1) ?? {} };
  };
  const post = async (url: unknown, body: unknown) => {
    const answer = await fetch(String(url), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };

  beforeAll(async () => {
    user = await openHome();
    python = await runtimePython(user);
    truth = makeModels(user, python);
  }, 300_000);
  afterAll(() => user[Symbol.asyncDispose]());

  it("serves a scikit-learn pipeline with the names, kinds and answers of its own", async () => {
    const { code, last } = await deploy("pipeline.joblib", "--name", "leavers", "--example", "rows.csv");
    expect({ code, last }).toMatchObject({
      code: 0,
      last: { project: "leavers", task: "binary", target: "Churn", features: 4, version: 1, unchanged: false },
    });
    const [no, yes] = truth.pipeline;
    const one = await post(last["url"], truth.record);
    expect(one).toMatchObject({
      status: 200,
      body: { probabilities: { No: expect.closeTo(no ?? 0, 5), Yes: expect.closeTo(yes ?? 0, 5) } },
    });
    expect((await post(last["url"], [truth.record, truth.record])).body).toHaveLength(2);
    expect(await post(last["url"], { ...truth.record, tenure: "long" })).toMatchObject({
      status: 400,
      body: { error: { code: "WrongType", field: "tenure" } },
    });
    expect(await post(last["url"], { ...truth.record, contract: "Ten" })).toMatchObject({
      status: 400,
      body: { error: { code: "UnknownCategory", field: "contract" } },
    });
    const { contract: _gone, ...rest } = truth.record;
    expect(await post(last["url"], { ...rest, charges: null })).toMatchObject({
      status: 400,
      body: { error: { field: "charges" } },
    });
    expect(await (await fetch(String(last["url"]))).json()).toMatchObject({
      name: "leavers",
      target: "Churn",
      classes: ["No", "Yes"],
      fields: [{ name: "tenure" }, { name: "charges" }, { name: "contract", kind: "category" }, { kind: "boolean" }],
    });
    const again = await deploy("pipeline.joblib", "--name", "leavers", "--example", "rows.csv");
    expect(again.last).toMatchObject({ unchanged: true, version: 1 });
    expect((await user.cauce(["invoke", "--name", "leavers"])).stdout).toMatch(/^\{"prediction":"(No|Yes)"/m);
    expect((await user.cauce(["logs", "inspect", "--name", "leavers"])).stdout).toContain("engine python");
  });

  it("scores an XGBoost classifier natively, categories by the names in the model, as another version of the same", async () => {
    const { last } = await deploy("classifier.ubj", "--name", "leavers", "--classes", "stays,leaves");
    expect(last).toMatchObject({ version: 2, features: 2 });
    const { tenure, contract } = truth.record;
    expect(await post(last["url"], { tenure, contract })).toMatchObject({
      status: 200,
      body: { probabilities: { leaves: expect.closeTo(truth.classifier[1] ?? 0, 5) } },
    });
    expect((await user.cauce(["logs", "inspect", "--name", "leavers"])).stdout).toContain("engine native");
  });

  it("answers by XGBoost itself what the native scorer does not know", async () => {
    const { last } = await deploy("counts.json", "--name", "leavers");
    const { charges } = truth.record;
    expect((await post(last["url"], { charges })).body).toMatchObject({
      prediction: expect.closeTo(truth.counts, 4),
    });
  });

  it("serves an artifact by its own inference.py", async () => {
    const { last } = await deploy("model.tar.gz", "--name", "own", "--example", "rows.csv");
    const answer = await post(last["url"], truth.record);
    expect(answer).toMatchObject({ status: 200, body: { mine: [expect.stringMatching(/Yes|No/)] } });
    expect((await user.cauce(["destroy", "--name", "own"])).code).toBe(0);
    expect((await user.cauce(["status", "--json"])).stdout).not.toContain('"own"');
  });

  it("brings LightGBM and ONNX's runtime to models that need them, inside the archive", async () => {
    const theirs = JSON.parse(
      execFileSync(python, [join(import.meta.dirname, "deploy_other_models.py"), user.work], { encoding: "utf8" }),
    ) as { lightgbm: number; onnx: number };
    const { last: light } = await deploy("light.joblib", "--name", "leavers", "--example", "rows.csv");
    const lightgbm = await post(light["url"], truth.record);
    expect(lightgbm.body).toMatchObject({ probabilities: { Yes: expect.closeTo(theirs.lightgbm, 5) } });
    const { last: open } = await deploy("open.onnx", "--name", "leavers", "--target", "Churn");
    const onnx = await post(open["url"], { "0": truth.record["tenure"], "1": truth.record["charges"] });
    expect(onnx.body).toMatchObject({ probabilities: { Yes: expect.closeTo(theirs.onnx, 4) } });
  });

  it("says what is wrong with a file before anything is deployed, and keeps what serves", async () => {
    writeFileSync(join(user.work, "words.pkl"), "These are words.");
    writeFileSync(join(user.work, "model.pt"), "x");
    writeFileSync(join(user.work, "few.csv"), "tenure\n5\n");
    const refused = async (...args: readonly string[]) => {
      const { code, stderr } = await deploy(...args, "--name", "leavers");
      return `${code} ${stderr}`;
    };
    expect(await refused("dict.pkl")).toMatch(/^1 [^]*dict\.pkl is not a model[^]*a dict, which has no `predict`/);
    expect(await refused("wants.pkl")).toMatch(/the package a_package_of_nobody/);
    expect(await refused("words.pkl")).toMatch(/words\.pkl is not a model that can be loaded/);
    expect(await refused("model.pt")).toMatch(/not a model that Cauce knows/);
    expect(await refused("gone.joblib")).toMatch(/There is no such file/);
    expect(await refused("pipeline.joblib", "--example", "few.csv")).toMatch(/It has no charges, contract, paperless/);
    const status = await user.cauce(["status", "--json"]);
    expect(status.lines.at(-1)).toMatchObject({ projects: [{ endpoint: { status: "InService", version: 5 } }] });
  });
});

function makeModels(user: CauceHome, python: string): Truth {
  const script = join(import.meta.dirname, "deploy_model.py");
  return JSON.parse(execFileSync(python, [script, user.work], { encoding: "utf8" })) as Truth;
}

/** The runtime's own, with scikit-learn and XGBoost; where it is not there yet, a deployment that fails makes it. */
async function runtimePython(user: CauceHome): Promise<string> {
  const folder = join(user.home, "runtimes");
  const find = () => readdirSync(folder).find((name) => /^sagemaker-xgboost-3\.2-0-\w+$/.test(name));
  if (find() === undefined) {
    writeFileSync(join(user.work, "none.pkl"), "none");
    await user.cauce(["deploy", "none.pkl", "--name", "none"]);
  }
  return join(folder, find() ?? "", "bin/python3");
}
