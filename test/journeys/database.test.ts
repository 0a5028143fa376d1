import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { Lambda } from "@aws-sdk/client-lambda";
import { SecretsManager } from "@aws-sdk/client-secrets-manager";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, startServerProcess } from "#test/cauce-process";
import { type DatabaseServer, HAS_MARIADB, HAS_POSTGRES, startMariadb, startPostgres } from "#test/database-servers";

const PENGUINS = readFileSync(join(import.meta.dirname, "penguins.csv"), "utf8")
  .trimEnd()
  .split("\n");
const VPC = { subnets: ["subnet-0123abcd"], securityGroups: ["sg-0123abcd"] };
const GENTOO = { island: "Biscoe", bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100 };

/** As on AWS: the function in the project's network reads the server, with the password that Secrets Manager keeps. */
describe("a database that the Extract function reads", { timeout: 120_000 }, () => {
  let user: CauceHome;
  let folder: string;
  let client: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  const servers: DatabaseServer[] = [];

  beforeAll(async () => {
    user = await startServerProcess();
    folder = join(user.work, "servers");
    mkdirSync(folder);
    // The servers run as somebody else when the tests run as root, which they refuse.
    for (const path of [folder, user.work, join(user.work, "..")]) chmodSync(path, 0o777);
    const env = await user.awsVariables();
    const accessKeyId = env["AWS_ACCESS_KEY_ID"] ?? "";
    const credentials = { accessKeyId, secretAccessKey: env["AWS_SECRET_ACCESS_KEY"] ?? "" };
    client = { endpoint: user.endpoint(), region: "us-east-1", credentials };
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await user[Symbol.asyncDispose]();
  });

  const project = (name: string, data: object) => {
    mkdirSync(join(user.work, name), { recursive: true });
    const value = JSON.stringify({ name, data: { target: "species", ...data } });
    writeFileSync(join(user.work, name, "cauce.config.js"), `export default ${value};\n`);
    return name;
  };
  const insertions = (quote: (row: string[]) => string) => {
    const rows = PENGUINS.slice(1).map((line) => `(${quote(line.split(","))})`);
    return `INSERT INTO penguins VALUES ${rows.join(", ")}`;
  };
  const literals = (row: string[]) => row.map((cell) => (cell === "NA" ? "NULL" : `'${cell}'`)).join(", ");
  const columns = (PENGUINS[0] ?? "").split(",").map((name) => `${name} VARCHAR(40)`);
  const table = `CREATE TABLE penguins (${columns.join(", ")})`;
  const bare = (url: string) => url.replace(":s3cret@", "@");
  const asked = async (said: Record<string, unknown> | undefined) => {
    const answer = await fetch(String(said?.["url"]), { method: "POST", body: JSON.stringify(GENTOO) });
    return (await answer.json()) as { prediction: string };
  };

  it.runIf(HAS_POSTGRES)("PostgreSQL: from a table to a URL, its password nowhere", async () => {
    const server = await startPostgres(folder);
    servers.push(server);
    const postgres = await server.connect();
    await postgres.query(table);
    await postgres.query(insertions(literals));
    const secrets = new SecretsManager(client);
    await secrets.createSecret({
      Name: "db/ann",
      SecretString: JSON.stringify({ username: "ann", password: "s3cret" }),
    });
    const data = { source: bare(server.url), table: "penguins", secret: "db/ann", vpc: VPC };
    const up = await user.cauce(["up", project("rows", data), "--json"]);
    expect(up, up.stderr).toMatchObject({ code: 0 });
    expect(await asked(up.lines.at(-1))).toMatchObject({ prediction: "Gentoo" });

    const lambda = new Lambda(client);
    const { VpcConfig, Environment } = await lambda.getFunctionConfiguration({ FunctionName: "rows-extract" });
    expect(VpcConfig).toMatchObject({ SubnetIds: VPC.subnets, SecurityGroupIds: VPC.securityGroups });
    expect(Environment?.Variables).toMatchObject({ SECRET_ID: "db/ann" });
    const cloudformation = new CloudFormation(client);
    const { TemplateBody = "" } = await cloudformation.getTemplate({ StackName: "rows" });
    expect(TemplateBody).toContain("secretsmanager:GetSecretValue");
    expect([TemplateBody, up.stdout, up.stderr].join()).not.toContain("s3cret");
    expect(filesWith(user.home, "s3cret")).toEqual([]);

    // New rows are read when the pipeline runs again, not when somebody looks.
    await postgres.query("INSERT INTO penguins SELECT * FROM penguins WHERE species = 'Gentoo'");
    await postgres.end();
    expect((await user.cauce(["up", "rows", "--json"])).lines.at(-1)).toMatchObject({ unchanged: true });
    const rerun = await user.cauce(["run", "rows", "--json"]);
    expect(rerun.lines.at(-1)).toMatchObject({ rows: 344 + 124 });

    await secrets.putSecretValue({ SecretId: "db/ann", SecretString: "wrong" });
    const refused = await user.cauce(["run", "rows", "--json"]);
    expect(refused.lines.at(-1)).toMatchObject({ error: { code: "DatabaseRefused" } });
    await secrets.deleteSecret({ SecretId: "db/ann", ForceDeleteWithoutRecovery: true });
    const missing = await user.cauce(["run", "rows", "--json"]);
    expect(missing.lines.at(-1)).toMatchObject({ error: { code: "SecretUnreadable" } });
    for (const one of [secrets, lambda, cloudformation]) one.destroy();
  });

  it.runIf(HAS_MARIADB)("MySQL: with a query, and the password alone in the secret", async () => {
    const server = await startMariadb(folder);
    servers.push(server);
    const maria = await server.connect();
    await maria.query("USE shop");
    await maria.query(table);
    await maria.query(insertions(literals));
    await maria.end();
    const secrets = new SecretsManager(client);
    const { ARN } = await secrets.createSecret({ Name: "db/maria", SecretString: "s3cret" });
    const query = "SELECT species, island, bill_length_mm, bill_depth_mm, flipper_length_mm, body_mass_g FROM penguins";
    const up = await user.cauce(["up", project("query", { source: bare(server.url), query, secret: ARN }), "--json"]);
    expect(up, up.stderr).toMatchObject({ code: 0 });
    expect(await asked(up.lines.at(-1))).toMatchObject({ prediction: "Gentoo" });
    secrets.destroy();
  });

  it("is refused with its password in the address, or without a server", async () => {
    const both = project("both", { source: "postgres://ann:s3cret@h/x", secret: "db/ann" });
    const refused = await user.cauce(["up", both, "--json"]);
    expect(refused.lines.at(-1)).toMatchObject({ error: { code: "ProjectInvalid" } });
    expect(refused.stdout + refused.stderr).not.toContain("s3cret");
    const table = await user.cauce(["plan", project("table", { source: "x.csv", secret: "db/ann" }), "--json"]);
    expect(table.lines.at(-1)).toMatchObject({ error: { code: "ProjectInvalid" } });
  });
});

function filesWith(home: string, word: string): string[] {
  return readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes("runtimes"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(word));
}
