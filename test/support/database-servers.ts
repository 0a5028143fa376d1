import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { userInfo } from "node:os";
import { join } from "node:path";

// A laptop need not have database servers; where CI runs they must be there, and their absence is an error with the reason.
const here = (file: string) => process.env["CI"] !== undefined || existsSync(file);
export const HAS_POSTGRES = here("/usr/lib/postgresql");
export const HAS_MARIADB = here("/usr/sbin/mariadbd");

export interface DatabaseServer {
  /** With the name ann and the password s3cret. */
  readonly url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL of one's own below a folder that everybody may enter; ann's password is asked for. */
export async function startPostgres(folder: string) {
  const bin = postgresFolder();
  const data = join(folder, "pg");
  const port = await freePort();
  const password = join(folder, "pg-password");
  writeFileSync(password, "s3cret\n", { mode: 0o644 });
  const init = ["-D", data, "-U", "ann", "--auth=scram-sha-256", `--pwfile=${password}`, "-E", "UTF8", "--no-sync"];
  asServer(folder, join(bin, "initdb"), init, "postgres");
  const options = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder];
  const stop = serve(folder, join(bin, "postgres"), options, "postgres");
  const url = `postgres://ann:s3cret@127.0.0.1:${port}/postgres`;
  await answers(port);
  const connect = async () => {
    const { default: pg } = await import("pg");
    return patiently(async () => {
      const one = new pg.Client({ connectionString: url });
      // The server is stopped, perhaps before it was left.
      one.on("error", () => {});
      await one.connect();
      return one;
    });
  };
  return { url, stop, connect };
}

/** A MariaDB of one's own, with a database shop that is ann's. */
export async function startMariadb(folder: string) {
  const data = join(folder, "mysql");
  const port = await freePort();
  const install = binary("mariadb-install-db", "mariadb-server");
  const init = [`--datadir=${data}`, "--auth-root-authentication-method=normal", "--skip-test-db", "--no-defaults"];
  asServer(folder, install, init.toReversed(), "mysql");
  const socketPath = join(folder, "my.sock");
  const options = [
    "--no-defaults",
    `--datadir=${data}`,
    `--port=${port}`,
    "--bind-address=127.0.0.1",
    `--socket=${socketPath}`,
    `--pid-file=${join(data, "my.pid")}`,
  ];
  const stop = serve(folder, binary("mariadbd", "mariadb-server"), options, "mysql");
  await answers(port);
  const connect = async () => {
    const { createConnection } = await import("mysql2/promise");
    return patiently(() => createConnection({ socketPath, user: "root" }));
  };
  const client = await connect();
  await client.query("CREATE DATABASE shop CHARACTER SET utf8mb4");
  await client.query("CREATE USER ann@'127.0.0.1' IDENTIFIED BY 's3cret'");
  await client.query("GRANT ALL ON shop.* TO ann@'127.0.0.1'");
  await client.end();
  return { url: `mysql://ann:s3cret@127.0.0.1:${port}/shop`, stop, connect };
}

function postgresFolder(): string {
  const base = "/usr/lib/postgresql";
  const newest = existsSync(base) ? readdirSync(base).sort().at(-1) : undefined;
  if (newest === undefined) throw new Error("PostgreSQL is not installed: apt-get install -y postgresql");
  return join(base, newest, "bin");
}

function binary(name: string, debian: string): string {
  const found = ["/usr/sbin", "/usr/bin"].map((place) => join(place, name)).find(existsSync);
  if (found === undefined) throw new Error(`${name} is not installed: apt-get install -y ${debian}`);
  return found;
}

/** Database servers do not run as root; Debian's packages make users for them. */
function as(command: string, args: readonly string[], user: string): readonly [string, readonly string[]] {
  return userInfo().uid === 0
    ? ["setpriv", [`--reuid=${user}`, `--regid=${user}`, "--clear-groups", command, ...args]]
    : [command, args];
}

function asServer(folder: string, command: string, args: readonly string[], user: string): void {
  const [program, words] = as(command, args, user);
  execFileSync(program, words, { stdio: "pipe", cwd: folder });
}

/** Answers how it is ended. */
function serve(folder: string, command: string, args: readonly string[], user: string): () => Promise<void> {
  const [program, words] = as(command, args, user);
  const child: ChildProcess = spawn(program, words, { stdio: "ignore", cwd: folder });
  return async () => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode !== null || !child.kill("SIGQUIT")) return;
    await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 5000)).then(() => child.kill("SIGKILL"))]);
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("No port.");
  return address.port;
}

async function answers(port: number): Promise<void> {
  const { connect } = await import("node:net");
  await patiently(
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect(port, "127.0.0.1", () => {
          socket.destroy();
          resolve();
        }).on("error", reject);
      }),
  );
}

async function patiently<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 300; ; left--) {
    try {
      return await attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
