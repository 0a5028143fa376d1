// What people build instead: a model in a file, served by FastAPI.
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { lineOf, output, pinned, SERVER } from "./processes.mjs";
import { referencePython } from "./python.mjs";
import { newFolder, table } from "./stage.mjs";

const reference = fileURLToPath(new URL("reference", import.meta.url));

/** The file of the model that a program of bench/reference makes of the churn example. */
export async function trained(program) {
  const model = join(newFolder(), "model.joblib");
  await output(join(referencePython(), "python"), [join(reference, program), await table(), model]);
  return model;
}

export async function startFastApi(model, workers = 1) {
  const where = ["--app-dir", reference, "--port", "0", "--workers", String(workers)];
  const args = ["-m", "uvicorn", "serve:app", ...where, "--no-access-log", "--loop", "uvloop"];
  const env = { ...process.env, MODEL: model, OMP_NUM_THREADS: "1", PYTHONDONTWRITEBYTECODE: "1" };
  const python = join(referencePython(), "python");
  const child = pinned(SERVER, python, args, { env, stdio: ["ignore", "ignore", "pipe"] });
  const [, at] = await lineOf(child, /running on (http:\S+)/, "stderr");
  return { child, url: `${at}/predict` };
}
