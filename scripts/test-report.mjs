// What the test runners wrote for machines, as one list of what failed: { passed, failures: { file, name, message }[] }.
import { relative } from "node:path";
import { XMLParser } from "fast-xml-parser";
import { root } from "./install.mjs";

/** From vitest's JSON; without one, or with a failure outside any test, the runner's own status counts. */
export function fromVitest(text, status) {
  const report = text === undefined ? { numPassedTests: 0, testResults: [] } : JSON.parse(text);
  const failures = report.testResults.flatMap((result) => {
    const file = relative(root, result.name);
    const tests = result.assertionResults.filter((test) => test.status === "failed");
    if (tests.length === 0 && result.status === "failed") return [{ file, name: "the file", message: result.message }];
    return tests.map((test) => ({ file, name: test.fullName, message: test.failureMessages.join("\n") }));
  });
  return { passed: report.numPassedTests, failures: orItself(failures, status, "vitest") };
}

/** From pytest's JUnit file. */
export function fromJunit(text, status) {
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: "",
    isArray: (name) => name === "testcase",
  });
  const cases = text === undefined ? [] : (parser.parse(text).testsuites.testsuite.testcase ?? []);
  const failures = cases.flatMap(({ classname, name, failure, error }) => {
    const what = failure ?? error;
    return what === undefined ? [] : [{ file: `python/${classname}`, name, message: what.message ?? String(what) }];
  });
  const passed = cases.filter((test) => !("failure" in test || "error" in test || "skipped" in test)).length;
  return { passed, failures: orItself(failures, status, "pytest") };
}

function orItself(failures, status, runner) {
  if (failures.length > 0 || status === 0) return failures;
  return [{ name: runner, message: `${runner} ended with ${status}; what it printed says why.` }];
}

/** Prints the end of the run. Gives whether all passed. */
export function say(results) {
  const failures = results.flatMap((result) => result.failures);
  for (const failure of failures) console.log(`\n✘ ${title(failure)}\n${excerpt(failure.message)}`);
  for (const { onlyAlone = [] } of results) {
    for (const failure of onlyAlone)
      console.log(`\n! passed only when its file ran again alone: ${title(failure)}\n${excerpt(failure.message)}`);
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0);
  console.log(`\n${passed} passed, ${failures.length} failed`);
  return failures.length === 0;
}

function title({ file, name }) {
  return file === undefined ? name : `${file}: ${name}`;
}

/** The first lines of a message, without colours or the runners' own frames: enough to know what was expected. */
function excerpt(message, lines = 8) {
  // eslint-disable-next-line no-control-regex
  const plain = message.replace(/\u001b\[[0-9;]*m/g, "").trimEnd();
  return plain
    .split("\n")
    .filter((line) => !line.includes("/node_modules/"))
    .slice(0, lines)
    .map((line) => `    ${line.slice(0, 200)}`)
    .join("\n");
}
