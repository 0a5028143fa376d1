// What the figures share: one server of the built package in a home of its own, and in it the churn example, deployed.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { IAM } from "@aws-sdk/client-iam";
import { readXlsx } from "hucre/xlsx";
import { end, lineOf, output, pinned, SERVER } from "./processes.mjs";
import { cache } from "./python.mjs";

export const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const customers = fileURLToPath(new URL("../examples/churn/data/customers.xlsx", import.meta.url));
const folders = [];
const closing = [];
const once = (work) => {
  let value;
  return () => (value ??= work());
};

export async function closeStage() {
  for (const close of closing.splice(0).reverse()) await close();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Done when the bench ends, however it ends. */
export function atEnd(work) {
  closing.push(work);
}

/** Whatever is made in it goes when the bench ends. */
export function newFolder() {
  const folder = mkdtempSync(join(tmpdir(), "cauce-bench-"));
  folders.push(folder);
  return folder;
}

/** A new CAUCE_HOME with the runtimes that earlier benches installed. */
export function newHome() {
  const home = newFolder();
  mkdirSync(join(cache, "runtimes"), { recursive: true });
  symlinkSync(join(cache, "runtimes"), join(home, "runtimes"));
  return home;
}

export function environment(home) {
  const kept = Object.entries(process.env).filter(([name]) => !/^(AWS|CAUCE)_/.test(name));
  return { ...Object.fromEntries(kept), CAUCE_HOME: home, NODE_NO_WARNINGS: "1" };
}

/** The last line of `cauce … --json`. */
export async function cauce(home, ...args) {
  const said = await output(process.execPath, [program, ...args, "--json"], { env: environment(home), cwd: home });
  return JSON.parse(said.trim().split("\n").at(-1));
}

export async function startServer(home, processor = SERVER) {
  const args = [program, "serve", "--port", "0", "--json"];
  const child = pinned(processor, process.execPath, args, {
    env: environment(home),
    stdio: ["ignore", "pipe", "ignore"],
  });
  const [, endpoint] = await lineOf(child, /"endpoint":"([^"]+)"/);
  const keys = readFileSync(join(home, "credentials"), "utf8");
  const region = "us-east-1";
  const accessKeyId = /aws_access_key_id = (\S+)/.exec(keys)[1];
  const secretAccessKey = /aws_secret_access_key = (\S+)/.exec(keys)[1];
  const client = { endpoint, region, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  return { child, endpoint, host: new URL(endpoint).host, region, accessKeyId, secretAccessKey, client };
}

export const server = once(async () => {
  const home = newHome();
  const started = await startServer(home);
  atEnd(() => end(started.child));
  return { ...started, home };
});

const rows = once(async () => {
  const [sheet] = (await readXlsx(readFileSync(customers))).sheets;
  const [names, ...cells] = sheet.rows;
  return { names, cells };
});

/** The example's table as CSV: the reference reads the same rows. None of its cells needs quotes. */
export const table = once(async () => {
  const { names, cells } = await rows();
  const file = join(newFolder(), "customers.csv");
  writeFileSync(file, [names, ...cells].map((row) => `${row.map((cell) => cell ?? "").join(",")}\n`).join(""));
  return file;
});

const NOT_ASKED = ["customerID", "Churn"];

/** Records to ask about, as JSON. */
export const records = once(async () => {
  const { names, cells } = await rows();
  return cells.slice(0, 200).map((row) => {
    const pairs = row.map((cell, i) => [names[i], cell]).filter(([name]) => !NOT_ASKED.includes(name));
    return JSON.stringify(Object.fromEntries(pairs));
  });
});

/** The table, trained and behind a URL: gives the URL and the endpoint's name. */
export const churn = once(async () => {
  const { home } = await server();
  const { url } = await cauce(home, "up", await table(), "--predict", "Churn", "--name", "churn");
  return { url, endpoint: "churn" };
});

/** A role that may do anything, for jobs and functions of the bench. */
export const role = once(async () => createRole(await server(), "bench"));

export async function createRole({ client }, RoleName) {
  const iam = new IAM(client);
  const Service = ["sagemaker.amazonaws.com", "lambda.amazonaws.com"];
  const trust = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" }],
  };
  const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument: JSON.stringify(trust) });
  const all = { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
  await iam.putRolePolicy({ RoleName, PolicyName: "all", PolicyDocument: JSON.stringify(all) });
  return Role.Arn;
}
