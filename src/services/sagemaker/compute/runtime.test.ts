import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { requirePython } from "./python.ts";
import { hasRuntime, requireRuntime } from "./runtime.ts";

const IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:3.2-0";
const assets = resolve(import.meta.dirname, "../../../..");
let home = "";
const environment = { ...process.env };

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "cauce-runtime-"));
});
afterEach(() => {
  process.env = { ...environment };
  rmSync(home, { recursive: true, force: true });
});

describe("requireRuntime", () => {
  it("makes an environment once, and finds it again without pip", async () => {
    // A requirement that needs no index: pip's own work is not what is tested.
    mkdirSync(join(home, "python/runtimes"), { recursive: true });
    writeFileSync(join(home, "python/runtimes/sagemaker-xgboost-3.2-0.txt"), "# nothing\n");
    const settings = { home, assets: home };
    expect(await hasRuntime(settings, IMAGE)).toBe(false);
    expect(readdirSync(home)).toEqual(["python"]);
    const lines: string[] = [];
    const both = await Promise.all([
      requireRuntime(settings, IMAGE, { onProgress: (line) => lines.push(line) }),
      requireRuntime(settings, IMAGE),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(lines.at(0)).toMatch(/^Installing sagemaker-xgboost-3\.2-0 with Python 3\.1\d \(once\)$/);
    expect(lines.at(-1)).toBe("Installed");
    expect(await hasRuntime(settings, IMAGE)).toBe(true);
    process.env = { PATH: "" };
    expect(await requireRuntime(settings, IMAGE)).toEqual(both[0]);
    expect(readdirSync(join(home, "runtimes"))).toEqual([
      expect.stringMatching(/^sagemaker-xgboost-3\.2-0-[0-9a-f]{12}$/),
    ]);
  });

  it("leaves nothing half when it is interrupted", async () => {
    const controller = new AbortController();
    const made = requireRuntime({ home, assets }, IMAGE, {
      signal: controller.signal,
      onProgress: () => controller.abort(new Error("stopped by the user")),
    });
    await expect(made).rejects.toThrow("stopped by the user");
    expect(readdirSync(join(home, "runtimes"))).toEqual([]);
  });

  it("says that the network is missing, and leaves nothing", async () => {
    Object.assign(process.env, {
      PIP_INDEX_URL: "http://127.0.0.1:9/simple",
      PIP_FIND_LINKS: "",
      PIP_RETRIES: "0",
      PIP_NO_CACHE_DIR: "1",
      PIP_EXTRA_INDEX_URL: "",
      UV_INDEX_URL: "http://127.0.0.1:9/simple",
    });
    await expect(requireRuntime({ home, assets }, IMAGE)).rejects.toMatchObject({
      explanation: { code: "NoNetwork", why: "The package index could not be reached." },
    });
    expect(readdirSync(join(home, "runtimes"))).toEqual([]);
  });
});

describe("requirePython", () => {
  it("says what to install when there is none", async () => {
    await expect(requirePython(["no-such-python"])).rejects.toMatchObject({
      explanation: { code: "PythonMissing", fix: expect.stringContaining("python3-venv") as string },
    });
  });

  it.each([
    ["too new", "3.14\\n26.0\\n1", "is 3.14"],
    ["without pip and venv, as Debian's is", "3.12\\n0.0\\n0", "is 3.12 without venv"],
  ])("says that the one it found is %s", async (_what, answers, why) => {
    const fake = join(home, "python3");
    writeFileSync(fake, `#!/bin/sh\nprintf '${answers}\\n/x\\n/x\\n'\n`, { mode: 0o755 });
    await expect(requirePython([fake])).rejects.toMatchObject({
      explanation: { code: "PythonMissing", why: expect.stringContaining(`${fake} ${why}`) as string },
    });
  });

  it("passes over one that is too old", async () => {
    const fake = join(home, "python3");
    writeFileSync(fake, "#!/bin/sh\nprintf '3.8\\n20.0\\n1\\n/x\\n/x\\n'\n", { mode: 0o755 });
    await expect(requirePython([fake])).rejects.toThrow(`${fake} is 3.8`);
    expect((await requirePython([fake, "python3.13", "python3.12", "python3.11", "python3"])).version).toMatch(
      /^3\.1[123]$/,
    );
  });
});
