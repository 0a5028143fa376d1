import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { runProcess, type Settings } from "#kernel";
import { openPackageIndex } from "#test/package-index";
import { shareRuntimes } from "#test/shared-runtimes";
import { toProcess } from "./container-process.ts";
import { pipSettings as read } from "./pip-settings.ts";
import { requireRuntime } from "./runtime.ts";

const base = mkdtempSync(join(tmpdir(), "cauce-pip-"));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Of a machine without settings of its own. */
const pipSettings = (env: Readonly<Record<string, string>>) => read(env, join(base, "etc"));

function write(path: string, text: string): string {
  const file = join(base, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

describe("pip's settings", () => {
  it("are read of its files and variables, the nearest one counts, and nothing but them", () => {
    const ca = write("ca.pem", "");
    write(
      "user/.config/pip/pip.conf",
      "[install]\ntimeout = 5\n[global]\nindex-url = https://a.test/simple\ntimeout = 9\n",
    );
    const own = write(
      "own.conf",
      `# ours\n[global]\nextra-index-url =\n    https://b.test/simple\n    https://c.test/simple\ncert: ${ca}\ntarget = /somewhere\n[list]\nindex-url = https://no.test\n`,
    );
    const { environment, files } = pipSettings({
      HOME: join(base, "user"),
      XDG_CONFIG_DIRS: join(base, "none"),
      PIP_CONFIG_FILE: own,
      PIP_RETRIES: "1",
      PIP_TARGET: "/elsewhere",
      AWS_SECRET_ACCESS_KEY: "never",
      UV_INDEX_URL: "https://uv.test",
    });
    expect(environment).toEqual({
      PIP_INDEX_URL: "https://a.test/simple",
      PIP_EXTRA_INDEX_URL: "https://b.test/simple https://c.test/simple",
      PIP_CERT: ca,
      PIP_TIMEOUT: "5",
      PIP_RETRIES: "1",
    });
    expect(files).toEqual([ca]);
    const off = pipSettings({
      HOME: join(base, "user"),
      PIP_CONFIG_FILE: "/dev/null",
      PIP_INDEX_URL: "https://d.test",
    });
    expect(off.environment).toEqual({ PIP_INDEX_URL: "https://d.test" });
  });

  it("know the proxy and the certificates that other programs are told of, where pip is told nothing", () => {
    const env = { PIP_CONFIG_FILE: "/dev/null", HTTPS_PROXY: "http://p.test:1", SSL_CERT_FILE: "/ca.pem" };
    expect(pipSettings(env).environment).toEqual({ PIP_PROXY: "http://p.test:1", PIP_CERT: "/ca.pem" });
    expect(pipSettings({ ...env, PIP_PROXY: "http://q.test", PIP_CERT: "/own" }).environment).toEqual({
      PIP_PROXY: "http://q.test",
      PIP_CERT: "/own",
    });
    const inside = { ...env, PIP_INDEX_URL: "https://index.corp.test/simple", no_proxy: "localhost, .corp.test" };
    expect(pipSettings(inside).environment).not.toHaveProperty("PIP_PROXY");
  });
});

it(
  "a job's own program installs with them as its requirements are, and sees nothing else",
  { timeout: 120_000 },
  async () => {
    const home = join(base, "home");
    await shareRuntimes(home);
    const assets = resolve(import.meta.dirname, "../../../..");
    const settings: Settings = {
      home,
      assets,
      account: "000000000000",
      region: "us-east-1",
      host: "127.0.0.1",
      port: 0,
    };
    const runtime = await requireRuntime(
      settings,
      "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0",
    );
    const index = await openPackageIndex();
    const before = { ...process.env };
    try {
      const { PIP_INDEX_URL = "" } = index.environment;
      const config = write("job.conf", `[global]\nindex-url = ${PIP_INDEX_URL}\ntrusted-host = 127.0.0.1\n`);
      for (const name of Object.keys(before)) if (/^PIP_|proxy$|CA_BUNDLE$|^SSL_/i.test(name)) delete process.env[name];
      Object.assign(process.env, { PIP_CONFIG_FILE: config, A_SECRET: "s" });
      const [ml, tmp] = [join(base, "ml"), join(base, "tmp")];
      for (const folder of [ml, tmp]) mkdirSync(folder, { mode: 0o777 });
      const script = `import os, subprocess, sys
subprocess.run([sys.executable, "-m", "pip", "install", "-q", "--no-cache-dir", "--target", "/tmp/p", "${index.name}"], check=True)
sys.path.insert(0, "/tmp/p")
import ${index.name} as one
print("answer", one.answer(), sorted(n for n in os.environ if n.startswith(("A_SECRET", "PIP_", "UV_", "CAUCE_INST")) or n.endswith("proxy")))`;
      const run = async (network: boolean) => {
        const said: string[] = [];
        const program = [
          "python3",
          "-c",
          script.replaceAll("/tmp/p", join(tmp, "p")).replaceAll(join(tmp, "p"), "/tmp/p"),
        ];
        const process_ = await toProcess(settings, { runtime, program, ml, tmp, environment: {}, id: ml, network });
        const end = await runProcess({ ...process_, onLine: (_stream, line) => said.push(line) });
        return { end, said: said.join("\n") };
      };
      const { said } = await run(true);
      expect(said).toContain("answer 42 [");
      // The machine that tests run on may have settings too.
      const seen = [...said.slice(said.indexOf("answer")).matchAll(/'(\w+)'/g)].map(([, name]) => name);
      expect(seen).toEqual(Object.keys(read().environment).sort());
      expect(seen).toEqual(expect.arrayContaining(["PIP_INDEX_URL", "PIP_TRUSTED_HOST"]));
      expect(await run(false)).toMatchObject({ end: { exitCode: 1 } });
    } finally {
      process.env = before;
      await index.close();
    }
  },
);
