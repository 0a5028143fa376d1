import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WHEEL = `
import sys, zipfile
name, file = sys.argv[1:]
info = f"{name}-1.0.dist-info"
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr(f"{name}.py", "def answer():\\n    return 42\\n")
    wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
    wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(f"{info}/RECORD", "")
`;

export interface PackageIndex {
  /** The one package that it has, a module of the same name with `answer()`: no other test has ever installed it. */
  readonly name: string;
  /** pip's settings for it: nothing else is asked. */
  readonly environment: Readonly<Record<string, string>>;
  /** How often its file was fetched. */
  fetched(): number;
  /** Called before the file is given: a test may end whoever asks. */
  onFetch: () => void | Promise<void>;
  close(): Promise<void>;
}

/** A package index of one package, on 127.0.0.1. */
export async function openPackageIndex(): Promise<PackageIndex> {
  const name = `cauce_test_${process.pid}_${Date.now().toString(36)}`;
  const folder = mkdtempSync(join(tmpdir(), "cauce-index-"));
  const wheel = `${name}-1.0-py3-none-any.whl`;
  execFileSync("python3", ["-c", WHEEL, name, join(folder, wheel)]);
  let fetched = 0;
  const server = createServer((request, response) => {
    void (async () => {
      if (request.url?.endsWith(wheel)) {
        fetched++;
        await index.onFetch();
        return response.end(readFileSync(join(folder, wheel)));
      }
      response.setHeader("content-type", "text/html");
      const known = request.url?.replaceAll("-", "_").includes(name);
      response.statusCode = known ? 200 : 404;
      response.end(known ? `<a href="/files/${wheel}">${wheel}</a>` : "");
    })();
  }).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  const index: PackageIndex = {
    name,
    environment: { ...DEAD, PIP_INDEX_URL: `http://127.0.0.1:${port}/simple`, PIP_TRUSTED_HOST: "127.0.0.1" },
    fetched: () => fetched,
    onFetch: () => {},
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return index;
}

/** Settings with which pip and uv reach nothing, and do not try for long. */
export const DEAD: Readonly<Record<string, string>> = {
  PIP_INDEX_URL: "http://127.0.0.1:9/simple",
  PIP_EXTRA_INDEX_URL: "",
  PIP_FIND_LINKS: "",
  PIP_RETRIES: "0",
  PIP_NO_CACHE_DIR: "1",
  PIP_CONFIG_FILE: "/dev/null",
  UV_INDEX_URL: "http://127.0.0.1:9/simple",
};
