import { generateKeyPairSync } from "node:crypto";
import { CloudFormation } from "@aws-sdk/client-cloudformation";
import { IAM } from "@aws-sdk/client-iam";
import { STS } from "@aws-sdk/client-sts";
import { startCauce, type TestServer } from "#test/start-cauce";
import { startTokenIssuer, type TokenIssuer } from "#test/token-issuer";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const AUDIENCE = "sts.amazonaws.com";
const MAIN = "repo:acme/models:ref:refs/heads/main";

let cauce: TestServer;
let issuer: TokenIssuer;
let iam: IAM;
/** Nobody: it has no keys to sign with. */
let nobody: STS;
let provider: string;
let role: string;

beforeAll(async () => {
  cauce = await startCauce();
  issuer = await startTokenIssuer();
  iam = new IAM(cauce.client);
  nobody = new STS({ ...cauce.client, credentials: () => Promise.reject(new Error("no credentials")) });
  const made = await iam.createOpenIDConnectProvider({
    Url: issuer.url,
    ClientIDList: [AUDIENCE],
    ThumbprintList: [issuer.thumbprint],
  });
  provider = made.OpenIDConnectProviderArn ?? "";
  role = await makeRole("deployer", MAIN);
});
afterAll(async () => {
  expect(cauce.reports).toEqual([]);
  await issuer[Symbol.asyncDispose]();
  await cauce[Symbol.asyncDispose]();
});

async function makeRole(RoleName: string, subject: string, Federated = provider): Promise<string> {
  const conditions = {
    StringEquals: { [`${issuer.host}:aud`]: AUDIENCE },
    StringLike: { [`${issuer.host}:sub`]: subject },
  };
  const statement = { Effect: "Allow", Principal: { Federated }, Action: "sts:AssumeRoleWithWebIdentity" };
  const AssumeRolePolicyDocument = JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ ...statement, Condition: conditions }],
  });
  const { Role } = await iam.createRole({ RoleName, AssumeRolePolicyDocument });
  return Role?.Arn ?? "";
}

const assume = (WebIdentityToken: string, RoleArn = role, more: { DurationSeconds?: number; Policy?: string } = {}) =>
  nobody.assumeRoleWithWebIdentity({ RoleArn, RoleSessionName: "ci", WebIdentityToken, ...more });
const said = (claims: object = {}) => issuer.token({ sub: MAIN, aud: AUDIENCE, ...claims });

describe("AssumeRoleWithWebIdentity", () => {
  it("gives a session of the role for a token of its issuer, asked without a signature", async () => {
    const answer = await assume(said());
    expect(answer).toMatchObject({ Audience: AUDIENCE, Provider: provider, SubjectFromWebIdentityToken: MAIN });
    const { AccessKeyId = "", SecretAccessKey = "", SessionToken = "" } = answer.Credentials ?? {};
    const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
    const me = await new STS({ ...cauce.client, credentials }).getCallerIdentity({});
    expect(me.Arn).toBe("arn:aws:sts::000000000000:assumed-role/deployer/ci");
    // The role has no policy: what it was not given, the session may not do.
    await expect(new IAM({ ...cauce.client, credentials }).listRoles({})).rejects.toMatchObject({
      name: "AccessDenied",
    });
  });

  it("refuses whom the role does not trust: another branch, another role, none at all", async () => {
    const denied = { name: "AccessDenied", message: "Not authorized to perform sts:AssumeRoleWithWebIdentity" };
    await expect(assume(said({ sub: "repo:acme/models:ref:refs/heads/feature" }))).rejects.toMatchObject(denied);
    await expect(assume(said({ sub: "repo:acme/models:pull_request" }))).rejects.toMatchObject(denied);
    const other = await makeRole("others", "repo:acme/other:*");
    await expect(assume(said(), other)).rejects.toMatchObject(denied);
    const foreign = await makeRole("foreign", "*", provider.replace("127.0.0.1", "example.com"));
    await expect(assume(said(), foreign)).rejects.toMatchObject(denied);
    await expect(assume(said(), role.replace("deployer", "nobody"))).rejects.toMatchObject(denied);
    await expect(assume(said(), role.replace("role/", "role/path/"))).rejects.toMatchObject(denied);
  });

  it("refuses a role that trusts the account and not the provider", async () => {
    const statement = { Effect: "Allow", Principal: { AWS: "000000000000" }, Action: "sts:AssumeRoleWithWebIdentity" };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const { Role } = await iam.createRole({ RoleName: "account", AssumeRolePolicyDocument });
    await expect(assume(said(), Role?.Arn)).rejects.toMatchObject({ name: "AccessDenied" });
  });

  it.each<[string, () => string, string]>([
    ["is none", () => "not a token", "not a valid JWT"],
    ["is for another audience", () => said({ aud: "https://example.com" }), "Incorrect token audience"],
    ["was made for another party", () => said({ azp: "someone" }), "Incorrect token audience"],
    ["has no audience", () => issuer.token({ sub: MAIN }), "Missing a required claim: aud"],
    ["has no subject", () => issuer.token({ aud: AUDIENCE }), "Missing a required claim: sub"],
    ["is of another issuer", () => said({ iss: "https://example.com" }), "No OpenIDConnect provider found"],
    ["is not valid yet", () => said({ nbf: Date.now() / 1000 + 900 }), "not valid before"],
    ["was changed", () => tampered(said()), "not signed by a key of its issuer"],
    ["is signed by another key", () => issuer.token({ sub: MAIN, aud: AUDIENCE }, { key: stranger() }), "not signed"],
    [
      "names a key that is not there",
      () => issuer.token({ sub: MAIN, aud: AUDIENCE }, { header: { kid: "two" } }),
      "not signed",
    ],
    ["says that it is not signed", () => unsigned(), "not a valid JWT"],
    [
      "says none, with a signature",
      () => issuer.token({ sub: MAIN, aud: AUDIENCE }, { header: { alg: "none" } }),
      "not signed",
    ],
    [
      "takes the public key for a secret",
      () => issuer.token({ sub: MAIN, aud: AUDIENCE }, { header: { alg: "HS256" } }),
      "not signed",
    ],
  ])("refuses a token that %s", async (_, token, message) => {
    await expect(assume(token())).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
      message: expect.stringContaining(message) as string,
    });
  });

  it("refuses a token of yesterday", async () => {
    const exp = Math.floor(Date.now() / 1000) - 1;
    await expect(assume(said({ exp }))).rejects.toMatchObject({ name: "ExpiredTokenException" });
  });

  it("gives sessions as long as the role allows", async () => {
    const { Credentials } = await assume(said(), role, { DurationSeconds: 900 });
    expect((Credentials?.Expiration?.getTime() ?? 0) - Date.now()).toBeLessThanOrEqual(900_000);
    await expect(assume(said(), role, { DurationSeconds: 7200 })).rejects.toMatchObject({ name: "ValidationError" });
  });

  it("takes keys of elliptic curves, and keys that changed since", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
    issuer.publish([
      { ...publicKey.export({ format: "jwk" }), kid: "curve", alg: "ES256" },
      { ...rsa.publicKey.export({ format: "jwk" }), kid: "one" },
    ]);
    const signing = { key: privateKey, header: { alg: "ES256", kid: "curve" } };
    await expect(assume(issuer.token({ sub: MAIN, aud: AUDIENCE }, signing))).resolves.toBeDefined();
    await expect(assume(issuer.token({ sub: MAIN, aud: AUDIENCE }, { key: rsa.privateKey }))).resolves.toBeDefined();
    await expect(assume(said())).rejects.toMatchObject({ name: "InvalidIdentityTokenException" });
  });

  it("asks an issuer only behind a certificate that it knows", async () => {
    const OpenIDConnectProviderArn = provider;
    const token = said();
    await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList: ["0".repeat(40)] });
    await expect(assume(token)).rejects.toMatchObject({
      name: "InvalidIdentityTokenException",
      message: expect.stringContaining("no known authority") as string,
    });
    await iam.updateOpenIDConnectProviderThumbprint({ OpenIDConnectProviderArn, ThumbprintList: [issuer.thumbprint] });
  });

  it("lets nobody in elsewhere: every other operation wants a signature", async () => {
    const form = "Action=GetCallerIdentity&Version=2011-06-15";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(cauce.endpoint, { method: "POST", body: form, headers });
    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("MissingAuthenticationToken");
  });
});

describe("OpenID Connect providers", () => {
  it("are made once, described, changed, and gone", async () => {
    const Url = "https://token.example.com/path";
    const Tags = [{ Key: "team", Value: "data" }];
    const { OpenIDConnectProviderArn: arn } = await iam.createOpenIDConnectProvider({ Url, ClientIDList: ["a"], Tags });
    expect(arn).toBe("arn:aws:iam::000000000000:oidc-provider/token.example.com/path");
    const OpenIDConnectProviderArn = arn ?? "";
    await expect(iam.createOpenIDConnectProvider({ Url })).rejects.toMatchObject({
      name: "EntityAlreadyExistsException",
    });
    await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: "b" });
    await iam.addClientIDToOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: "b" });
    await iam.removeClientIDFromOpenIDConnectProvider({ OpenIDConnectProviderArn, ClientID: "a" });
    expect(await iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).toMatchObject({
      Url: "token.example.com/path",
      ClientIDList: ["b"],
      Tags,
    });
    await iam.untagOpenIDConnectProvider({ OpenIDConnectProviderArn, TagKeys: ["team"] });
    expect((await iam.listOpenIDConnectProviderTags({ OpenIDConnectProviderArn })).Tags).toEqual([]);
    const { OpenIDConnectProviderList } = await iam.listOpenIDConnectProviders({});
    expect(OpenIDConnectProviderList?.map(({ Arn }) => Arn)).toContain(arn);
    await iam.deleteOpenIDConnectProvider({ OpenIDConnectProviderArn });
    await expect(iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).rejects.toMatchObject({
      name: "NoSuchEntityException",
    });
  });

  it.each(["http://example.com", "https://example.com?x=1", "https://example.com:8443", "example.com"])(
    "are not at %s",
    async (Url) => {
      await expect(iam.createOpenIDConnectProvider({ Url })).rejects.toMatchObject({ name: "InvalidInputException" });
    },
  );

  it("come of a template, and follow it", async () => {
    const cloudformation = new CloudFormation(cauce.client);
    const template = (clients: string[]) =>
      JSON.stringify({
        Resources: {
          Provider: {
            Type: "AWS::IAM::OIDCProvider",
            Properties: { Url: "https://ci.example.com", ClientIdList: clients },
          },
        },
        Outputs: { Arn: { Value: { Ref: "Provider" } } },
      });
    const StackName = "provider";
    const settled = async (wanted: string) => {
      for (;;) {
        const [stack] = (await cloudformation.describeStacks({ StackName })).Stacks ?? [];
        if (stack?.StackStatus === wanted) return stack;
        if (/FAILED|ROLLBACK/.test(stack?.StackStatus ?? "FAILED")) throw new Error(stack?.StackStatusReason);
        await new Promise((later) => setTimeout(later, 20));
      }
    };
    const Capabilities = ["CAPABILITY_IAM" as const];
    await cloudformation.createStack({ StackName, TemplateBody: template(["a"]), Capabilities });
    const stack = await settled("CREATE_COMPLETE");
    const OpenIDConnectProviderArn = stack.Outputs?.[0]?.OutputValue ?? "";
    expect(OpenIDConnectProviderArn).toBe("arn:aws:iam::000000000000:oidc-provider/ci.example.com");
    await cloudformation.updateStack({ StackName, TemplateBody: template(["b", "c"]), Capabilities });
    await settled("UPDATE_COMPLETE");
    expect((await iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn })).ClientIDList).toEqual(["b", "c"]);
    await cloudformation.deleteStack({ StackName });
    await expect
      .poll(() => iam.getOpenIDConnectProvider({ OpenIDConnectProviderArn }).catch((e: Error) => e.name))
      .toBe("NoSuchEntityException");
  });
});

function tampered(token: string): string {
  const [head, , signature] = token.split(".");
  const body = Buffer.from(JSON.stringify({ iss: issuer.url, sub: MAIN, aud: AUDIENCE, exp: 4e9 })).toString(
    "base64url",
  );
  return [head, body, signature].join(".");
}

function unsigned(): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "none" })}.${part({ iss: issuer.url, sub: MAIN, aud: AUDIENCE, exp: 4e9 })}.`;
}

function stranger() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
}
