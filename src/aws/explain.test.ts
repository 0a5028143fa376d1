import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { CauceError } from "#core";
import { AwsAnswer } from "./call.ts";
import { explained } from "./explain.ts";
import { withClients } from "./with-clients.ts";

/** As the official clients throw it. */
const refusal = (name: string, message: string, httpStatusCode: number) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });

function codeOf(error: Error, region = "eu-west-1", endpoint?: string): string {
  const found = explained(error, { region, endpoint });
  if (!(found instanceof CauceError)) return "not explained";
  const { code, what, why, fix } = found.explanation;
  for (const sentence of [what, why, fix]) expect(sentence).toMatch(/\w/);
  return code;
}

describe("what AWS's refusals mean", () => {
  it.each([
    ["ExpiredToken", "The provided token has expired.", 400],
    ["ExpiredTokenException", "The security token included in the request is expired", 403],
    ["RequestExpired", "Request has expired.", 400],
    ["CredentialsProviderError", "The SSO session associated with this profile has expired. To refresh …", 0],
    ["TokenProviderError", "Token is expired. To refresh this SSO session run 'aws sso login'", 0],
  ])("a session that ended in the middle: %s", (name, message, status) => {
    expect(codeOf(refusal(name, message, status))).toBe("CredentialsExpired");
  });

  it("a session that ended says that the same command goes on", () => {
    const found = explained(refusal("ExpiredToken", "The provided token has expired.", 400), { region: "eu-west-1" });
    expect((found as CauceError).explanation.fix).toMatch(/Log in .* run the same again/);
  });

  it.each([
    ["InvalidClientTokenId", "The security token included in the request is invalid.", 403],
    ["UnrecognizedClientException", "The security token included in the request is invalid.", 400],
    ["AuthFailure", "AWS was not able to validate the provided access credentials", 401],
    ["RegionDisabledException", "STS is not activated in this region for account:1", 403],
  ])("a region that is not enabled: %s", (name, message, status) => {
    const error = refusal(name, message, status);
    expect(codeOf(error, "af-south-1")).toBe("RegionDisabled");
    expect(codeOf(error, "mx-central-1")).toBe("RegionDisabled");
    // Where every account may go, and on a server of one's own, it is the keys.
    if (name === "RegionDisabledException") return;
    for (const region of ["eu-west-1", "us-east-2", "us-gov-west-1", "cn-north-1"])
      expect(codeOf(error, region)).toBe("CredentialsRefused");
    expect(codeOf(error, "af-south-1", "http://127.0.0.1:4566")).toBe("CredentialsRefused");
  });

  it.each([
    [
      "AccessDenied",
      "User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: arn:…",
      403,
    ],
    ["AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity", 403],
  ])("a role that may not be taken: %s, %s", (name, message, status) => {
    expect(codeOf(refusal(name, message, status))).toBe("RoleRefused");
  });

  it("a clock that is wrong, a permission that is missing, keys that are wrong", () => {
    const old = "Signature expired: 20261122T101500Z is now earlier than 20261122T102000Z";
    expect(codeOf(refusal("SignatureDoesNotMatch", old, 403))).toBe("ClockWrong");
    expect(codeOf(refusal("InvalidSignatureException", old, 400))).toBe("ClockWrong");
    expect(codeOf(refusal("RequestTimeTooSkewed", "The difference is too large.", 403))).toBe("ClockWrong");
    expect(codeOf(refusal("SignatureDoesNotMatch", "The request signature we calculated does not match", 403))).toBe(
      "CredentialsRefused",
    );
    const denied = explained(new AwsAnswer("AccessDeniedException", 400, "You are not authorized"), { region: "x" });
    expect((denied as CauceError).explanation).toMatchObject({
      code: "AccessDeniedException",
      fix: expect.stringContaining("cauce bootstrap aws") as string,
    });
  });

  it("a failing server is not explained away", () => {
    expect(codeOf(refusal("InternalFailure", "…", 500))).toBe("not explained");
    expect(codeOf(new TypeError("undefined is not a function"))).toBe("not explained");
  });
});

describe("S3, which refuses HEAD requests without a word", () => {
  /** Answers HEAD with a number, and what STS is asked as told. */
  async function headed(status: number, sts: readonly [number, string]): Promise<CauceError> {
    const server = createServer((request, response) => {
      request.resume();
      if (request.method === "HEAD") response.writeHead(status).end();
      else response.writeHead(sts[0], { "content-type": "text/xml" }).end(sts[1]);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const credentials = { accessKeyId: "a", secretAccessKey: "b" };
    try {
      return await withClients({ name: "aws", region: "eu-west-1", endpoint, credentials }, async (aws) => {
        await (await aws.s3()).headObject({ Bucket: "b", Key: "k" });
        throw new Error("It was answered.");
      }).catch((error: CauceError) => error);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  }

  it("because the session has ended", async () => {
    const body = `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error></ErrorResponse>`;
    expect((await headed(400, [403, body])).explanation).toMatchObject({
      code: "CredentialsExpired",
      why: "The security token included in the request is expired",
    });
  });

  it("because a permission is missing", async () => {
    const body = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
    expect((await headed(403, [200, body])).explanation).toMatchObject({
      code: "RefusedWithoutReason",
      why: expect.stringContaining("s3:ListBucket") as string,
    });
  });
});
