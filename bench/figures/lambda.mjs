// Lambda by its own API: warm and cold, Node and Python, against starting the bare interpreter.
import { join } from "node:path";
import { Lambda, waitUntilFunctionActiveV2, waitUntilFunctionUpdatedV2 } from "@aws-sdk/client-lambda";
import { strToU8, zipSync } from "fflate";
import { load, rawRequest } from "../load/load.mjs";
import { inTurn, median, milliseconds, times } from "../numbers.mjs";
import { output } from "../processes.mjs";
import { referencePython } from "../python.mjs";
import { signedHeaders } from "../sign.mjs";
import { role, server } from "../stage.mjs";

const LANGUAGES = {
  Node: {
    runtime: "nodejs22.x",
    file: "index.mjs",
    code: "export const handler = async () => 'hello';",
    coldBudget: 80,
    bare: () => [process.execPath, ["-e", "console.log('hello')"]],
  },
  Python: {
    runtime: "python3.13",
    file: "index.py",
    code: "def handler(event, context):\n    return 'hello'\n",
    coldBudget: 150,
    bare: () => [join(referencePython(), "python"), ["-c", "print('hello')"]],
  },
};

export async function measure() {
  const lambda = new Lambda((await server()).client);
  const rows = [];
  for (const [language, of] of Object.entries(LANGUAGES)) rows.push(...(await measureLanguage(lambda, language, of)));
  return rows;
}

async function measureLanguage(lambda, language, of) {
  const name = `bench-${language.toLowerCase()}`;
  const ZipFile = zipSync({ [of.file]: strToU8(of.code) });
  const settings = { Runtime: of.runtime, Handler: "index.handler", Role: await role(), MemorySize: 256 };
  await lambda.createFunction({ FunctionName: name, Code: { ZipFile }, ...settings });
  await waitUntilFunctionActiveV2(
    { client: lambda, maxWaitTime: 120, minDelay: 0.05, maxDelay: 0.05 },
    { FunctionName: name },
  );
  // The first invocation may have to install Python's runtime.
  await lambda.invoke({ FunctionName: name });
  const warm = await load((await server()).endpoint, [await invocation(name)], { connections: 1, duration: 3000 });
  const [command, args] = of.bare();
  const { cold, bare } = await inTurn(9, {
    bare: () => clocked(() => output(command, args)),
    cold: (i) => coldStart(lambda, name, i),
  });
  const reference = `bare ${language} process ${milliseconds(median(bare))}`;
  return [
    { what: `Lambda, ${language}, warm p50`, value: milliseconds(warm.p50), budget: "< 5 ms", ok: warm.p50 < 5 },
    {
      what: `Lambda, ${language}, cold`,
      value: milliseconds(median(cold)),
      reference,
      ratio: times(median(cold) / median(bare)),
      budget: `< ${of.coldBudget} ms`,
      ok: median(cold) < of.coldBudget,
    },
  ];
}

/** A changed configuration takes a new process. */
async function coldStart(lambda, name, i) {
  await lambda.updateFunctionConfiguration({ FunctionName: name, Environment: { Variables: { RUN: String(i) } } });
  await waitUntilFunctionUpdatedV2(
    { client: lambda, maxWaitTime: 10, minDelay: 0.02, maxDelay: 0.02 },
    { FunctionName: name },
  );
  return clocked(() => lambda.invoke({ FunctionName: name }));
}

async function clocked(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

async function invocation(name) {
  const path = `/2015-03-31/functions/${name}/invocations`;
  return rawRequest(
    "POST",
    path,
    signedHeaders({ method: "POST", path, service: "lambda", body: "{}" }, await server()),
    "{}",
  );
}
