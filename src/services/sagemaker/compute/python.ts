import { CauceError } from "#core";
import { runProcess } from "#kernel";
import { installerEnvironment } from "./host.ts";

export interface Interpreter {
  readonly executable: string;
  /** e.g. `3.12` */
  readonly version: string;
  /** Where its standard library lies. */
  readonly prefix: string;
  /** Whether it can make environments by itself (Debian ships that part apart). */
  readonly hasEnsurePip: boolean;
  /** pip's major and minor version, 0 without pip. */
  readonly pip: number;
}

const NAMES = ["python3.12", "python3.13", "python3.11", "python3"];

/** AWS: the 3.2-0 image has 3.12. scikit-learn 1.8 needs 3.11, numpy 2.1.0 has no build for 3.14. */
const SUPPORTED = ["3.11", "3.12", "3.13"];

const ASK = `
import sys, importlib.util as u
try:
    import pip; p = pip.__version__
except Exception: p = "0.0"
print("%d.%d" % sys.version_info[:2], p, int(bool(u.find_spec("ensurepip"))), sep="\\n")
print(sys.executable, sys.base_prefix, sep="\\n")
`;

export async function requirePython(names: readonly string[] = NAMES): Promise<Interpreter> {
  const found: string[] = [];
  for (const name of names) {
    const interpreter = await ask(name);
    if (!interpreter) continue;
    if (SUPPORTED.includes(interpreter.version) && (interpreter.hasEnsurePip || interpreter.pip >= 22.3))
      return interpreter;
    found.push(`${name} is ${interpreter.version}${interpreter.hasEnsurePip ? "" : " without venv"}`);
  }
  throw new CauceError({
    code: "PythonMissing",
    what: "No Python that can run training and serving was found.",
    why:
      found.length > 0
        ? `Looked for Python ${SUPPORTED.join(", ")}; ${found.join(", ")}.`
        : `Looked for ${names.join(", ")} on PATH and found none.`,
    fix: "Install Python 3.12 with venv (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python@3.12).",
  });
}

async function ask(name: string): Promise<Interpreter | undefined> {
  const lines: string[] = [];
  const end = await runProcess({
    command: name,
    args: ["-c", ASK],
    env: installerEnvironment(),
    onLine: (stream, line) => stream === "stdout" && lines.push(line),
  }).catch(() => undefined);
  const [version, pip, ensure, executable, prefix] = lines;
  if (!end || !("exitCode" in end) || end.exitCode !== 0 || !version || !executable || !prefix) return undefined;
  const [major = "0", minor = "0"] = (pip ?? "0.0").split(".");
  return { executable, version, prefix, hasEnsurePip: ensure === "1", pip: Number(`${major}.${minor}`) };
}
