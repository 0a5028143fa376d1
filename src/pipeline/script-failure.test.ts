import { describe, expect, it } from "vitest";
import { programFailure, scriptFailure } from "./script-failure.ts";

describe("scriptFailure", () => {
  it("puts the line of the project's file first", () => {
    const reason = `AlgorithmError: ExecuteUserScriptError:
ExitCode 1
ErrorMessage "  File "train.py", line 12, in main
KeyError: 'tenur'"
Command "/usr/bin/python3 -m cauce_run_script", exit code: 1`;
    expect(scriptFailure(reason, "train")?.what).toBe("train.py, line 12, in main: KeyError: 'tenur'");
  });

  it("reads a processing job's note", () => {
    const reason = 'AlgorithmError: File "lib/clean.py", line 3, in <module>\nValueError: no rows, exit code: 1';
    expect(scriptFailure(reason, "prepare")).toMatchObject({
      what: "lib/clean.py, line 3: ValueError: no rows",
      fix: expect.stringContaining("cauce logs prepare"),
    });
  });

  it("says what a script said that ended itself", () => {
    const reason = `AlgorithmError: ExecuteUserScriptError:
ExitCode 2
ErrorMessage "train.py: error: unrecognized arguments: --n-estimator 5"
Command "/usr/bin/python3 -m cauce_run_script", exit code: 2`;
    expect(scriptFailure(reason, "train")).toMatchObject({
      what: expect.stringContaining("exit code 2"),
      why: "train.py: error: unrecognized arguments: --n-estimator 5",
    });
  });

  it("says how a script ended that said nothing", () => {
    const ended = (code: number) =>
      scriptFailure(
        `AlgorithmError: ExecuteUserScriptError:\nExitCode ${code}\nCommand "python3 -m x", exit code: 1`,
        "train",
      );
    expect(ended(3)).toMatchObject({
      what: "The project's own script ended with exit code 3.",
      why: "It gave no reason.",
    });
    expect(ended(-9)).toMatchObject({
      what: expect.stringContaining("signal 9"),
      why: expect.stringContaining("memory"),
    });
  });

  it("leaves other reasons alone", () => {
    expect(scriptFailure("ClientError: Data download failed: no such key", "train")).toBeUndefined();
  });
});

describe("programFailure", () => {
  const sentence = "The primary container for production variant AllTraffic did not pass the ping health check.";

  it("puts the line of a model's program first", () => {
    const reason = `${sentence} AlgorithmError: ValueError: no weights (File "/opt/ml/code/inference.py", line 2, in model_fn), exit code: 1`;
    expect(programFailure(reason)).toBe("inference.py, line 2, in model_fn: ValueError: no weights");
    const broken = `${sentence} AlgorithmError: SyntaxError: expected ':' (File "/opt/ml/model/code/inference.py", line 1), exit code: 1`;
    expect(programFailure(broken)).toBe("inference.py, line 1: SyntaxError: expected ':'");
  });

  it("leaves failures elsewhere alone", () => {
    expect(
      programFailure(`${sentence} AlgorithmError: KeyError: 'x' (File "/usr/lib/python3/x.py", line 2, in f)`),
    ).toBeUndefined();
  });
});
