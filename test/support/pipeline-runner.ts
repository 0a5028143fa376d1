import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { IAM } from "@aws-sdk/client-iam";

/** A step's commands as GitHub's and GitLab's runners run them: bash, until the first that fails, with nothing of our own surroundings. */
export async function runScript(
  script: string,
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<{ code: number; said: string }> {
  const folder = mkdtempSync(join(tmpdir(), "cauce-step-"));
  const file = join(folder, "step.sh");
  writeFileSync(file, script);
  const surroundings = Object.entries(process.env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !/^(AWS_|CAUCE_|VITEST|NODE_OPTIONS|GITHUB_|CI)/.test(entry[0]),
  );
  try {
    const all = { ...Object.fromEntries(surroundings), ...env };
    const { stdout } = await promisify(execFile)("bash", ["-e", file], { cwd, env: all, maxBuffer: 1 << 26 });
    return { code: 0, said: stdout };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, said: stdout + stderr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Deploys the role's template, once with and later without its provider, and gives the role's ARN. */
export async function makeRole(
  aws: Readonly<Record<string, string>>,
  TemplateBody: string,
  thumbprint: string,
): Promise<string> {
  const client = {
    endpoint: aws["AWS_ENDPOINT_URL"] ?? "",
    region: aws["AWS_REGION"] ?? "us-east-1",
    credentials: { accessKeyId: aws["AWS_ACCESS_KEY_ID"] ?? "", secretAccessKey: aws["AWS_SECRET_ACCESS_KEY"] ?? "" },
  };
  const iam = new IAM(client);
  const { OpenIDConnectProviderList: known = [] } = await iam.listOpenIDConnectProviders({});
  const cloudformation = new CloudFormation(client);
  const StackName = `role-${known.length}`;
  await cloudformation.createStack({
    StackName,
    TemplateBody,
    Parameters: [{ ParameterKey: "ProviderArn", ParameterValue: known[0]?.Arn ?? "" }],
    Capabilities: ["CAPABILITY_NAMED_IAM"],
  });
  const stack = await settled(cloudformation, StackName);
  const { OpenIDConnectProviderList: [provider] = [] } = await iam.listOpenIDConnectProviders({});
  await iam.updateOpenIDConnectProviderThumbprint({
    OpenIDConnectProviderArn: provider?.Arn,
    ThumbprintList: [thumbprint],
  });
  return stack.Outputs?.find(({ OutputKey }) => OutputKey === "RoleArn")?.OutputValue ?? "";
}

async function settled(cloudformation: CloudFormation, StackName: string) {
  for (;;) {
    const [stack] = (await cloudformation.describeStacks({ StackName })).Stacks ?? [];
    if (stack?.StackStatus === "CREATE_COMPLETE") return stack;
    if (stack?.StackStatus !== "CREATE_IN_PROGRESS")
      throw new Error(`${stack?.StackStatus}: ${stack?.StackStatusReason}`);
    await new Promise((later) => setTimeout(later, 50));
  }
}
