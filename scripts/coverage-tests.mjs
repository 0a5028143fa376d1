// Which operations a test calls: by the JavaScript SDK's method or command, by boto3's method, or by `call("service", "Operation")`.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

const CLIENTS = {
  "client-application-auto-scaling": ["application-autoscaling", "ApplicationAutoScaling"],
  "client-cloudwatch": ["cloudwatch", "CloudWatch"],
  "client-ec2": ["ec2", "EC2"],
  "client-secrets-manager": ["secretsmanager", "SecretsManager"],
  "client-api-gateway": ["apigateway", "APIGateway"],
  "client-cloudformation": ["cloudformation", "CloudFormation"],
  "client-cloudwatch-logs": ["logs", "CloudWatchLogs"],
  "client-eventbridge": ["events", "EventBridge"],
  "client-iam": ["iam", "IAM"],
  "client-lambda": ["lambda", "Lambda"],
  "client-s3": ["s3", "S3"],
  "client-sagemaker": ["sagemaker", "SageMaker"],
  "client-sagemaker-runtime": ["sagemaker-runtime", "SageMakerRuntime"],
  "client-service-quotas": ["service-quotas", "ServiceQuotas"],
  "client-sts": ["sts", "STS"],
};

/** Every test, and whatever it imports from its own folder, with the calls that stand in it. */
export function readTests(root) {
  const files = [
    ...listFiles(join(root, "test/conformance"), /\.(test\.ts|py)$/),
    ...listFiles(join(root, "test/clients"), /\.(test\.ts|py)$/),
    ...listFiles(join(root, "test/security"), /\.test\.ts$/),
    ...listFiles(join(root, "test/journeys"), /\.(test\.ts|py)$/),
    ...listFiles(join(root, "src/services"), /\.test\.ts$/),
  ];
  return files.map((file) => {
    const path = relative(root, file).split(sep).join("/");
    const text = withSupport(file, new Set());
    return { file: path, calls: file.endsWith(".py") ? callsOfPython(text) : callsOfTypeScript(text, homeOf(path)) };
  });
}

/** The files that call `operation` of `service`. */
export function namedIn(tests, service, operation) {
  return tests.filter(({ calls }) => calls.has(`${service}:${operation}`)).map(({ file }) => file);
}

/** The text of a test with what serves it from its own folder; the code under test, which may lie there too, is not part of it. */
function withSupport(file, seen) {
  if (seen.has(file)) return "";
  seen.add(file);
  const text = readFileSync(file, "utf8");
  const imported = [...text.matchAll(/from "(\.\/[\w./-]+\.ts)"/g)].map(([, path]) => resolve(dirname(file), path));
  return [text, ...imported.filter(isSupport).map((one) => withSupport(one, seen))].join("\n");
}

function isSupport(file) {
  return (file.includes(`${sep}test${sep}`) || file.endsWith(".fixture.ts")) && existsSync(file);
}

/** The service in whose folder a test lies: its `call("Operation")` means that service. */
function homeOf(path) {
  return /^src\/services\/([\w-]+)\//.exec(path)?.[1];
}

function callsOfTypeScript(text, home) {
  const calls = new Set();
  for (const [, service, operation] of text.matchAll(/\bcall\(\s*"([\w-]+)",\s*"(\w+)"/g))
    calls.add(`${service}:${operation}`);
  for (const [, operation] of text.matchAll(/\bcall\(\s*"([A-Z]\w+)"/g)) calls.add(`${home}:${operation}`);
  const imported = Object.entries(CLIENTS).filter(([name]) => text.includes(`@aws-sdk/${name}"`));
  const services = imported.map(([, [service]]) => service);
  for (const [, operation] of text.matchAll(/new (\w+)Command\(/g)) {
    for (const service of services) calls.add(`${service}:${operation}`);
  }
  const receivers = receiversIn(text, imported);
  for (const [, receiver, method] of text.matchAll(/(\w+)\s*\.\s*([a-z]\w+)\(/g)) {
    // A receiver that is not declared here (`at.s3`, `target.sagemaker`) is found by its name.
    const meant = receivers.get(receiver) ?? services.filter((service) => sounds(receiver, service));
    for (const service of meant) calls.add(`${service}:${method[0].toUpperCase()}${method.slice(1)}`);
  }
  return calls;
}

/** Which variable is a client of which service: `new S3(…)`, `iam: IAM`, `(client: SageMaker)`. */
function receiversIn(text, imported) {
  const receivers = new Map();
  for (const [, [service, type]] of imported) {
    const declared = new RegExp(`(\\w+)\\s*(?::|=|=>)\\s*(?:new\\s+)?${type}\\b`, "g");
    for (const [, name] of text.matchAll(declared)) receivers.set(name, [...(receivers.get(name) ?? []), service]);
  }
  return receivers;
}

function sounds(receiver, service) {
  const plain = receiver.toLowerCase();
  const other = { "sagemaker-runtime": "runtime", events: "eventbridge", logs: "cloudwatchlogs" }[service];
  return plain === service || plain === service.replace("-", "") || plain === other;
}

/** Line by line, because each function has a `client` of its own. */
function callsOfPython(text) {
  const calls = new Set();
  const receivers = new Map();
  for (const line of text.split("\n")) {
    const [, names = "", values = ""] = /^\s*([\w, ]+?) = (boto3\.client\(.*)$/.exec(line) ?? [];
    const services = [...values.matchAll(/boto3\.client\("([\w-]+)"/g)].map(([, service]) => service);
    names.split(",").forEach((name, i) => name && receivers.set(name.trim(), services[i]));
    for (const [, service, method] of line.matchAll(/\.client\("([\w-]+)"[^)]*\)\.(\w+)/g))
      calls.add(`${service}:${camel(method)}`);
    for (const [, receiver, method] of line.matchAll(/(\w+)\.([a-z]\w+)/g)) {
      const service = receivers.get(receiver);
      if (service) calls.add(`${service}:${camel(method)}`);
    }
    // `client.get_paginator("list_roles")`, and a test's own `paged(client, "list_roles", …)`.
    for (const [, receiver, method] of line.matchAll(/(\w+)(?:\.get_paginator\(|, )"([a-z]+_[a-z0-9_]+)"/g)) {
      const service = receivers.get(receiver);
      if (service) calls.add(`${service}:${camel(method)}`);
    }
  }
  return calls;
}

/** boto3's name as AWS's: invoke_endpoint → InvokeEndpoint. Abbreviations do not come back (`put_object_acl`); none is called. */
function camel(method) {
  return method.replace(/(^|_)([a-z0-9])/g, (_, _dash, letter) => letter.toUpperCase());
}

function listFiles(folder, pattern) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((file) => pattern.test(file))
    .sort();
}
