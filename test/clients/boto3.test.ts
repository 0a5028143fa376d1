import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { runPython, startServerProcess } from "#test/cauce-process";

/** The services as boto3's users meet them: its waiters and paginators hold the answers to the models they were made for. */
describe("boto3", () => {
  let seen: Record<string, unknown>;

  beforeAll(async () => {
    await using server = await startServerProcess();
    const ran = await runPython([join(import.meta.dirname, "boto3_clients.py")], await server.awsVariables());
    const said = (ran.lines.at(-1) ?? { failed: ran.stderr }) as { failed: unknown; seen?: Record<string, unknown> };
    expect(said.failed).toEqual({});
    seen = said.seen ?? {};
  }, 240_000);

  it("S3: pages, multipart in both directions, copies, presigned URLs, resources", () => {
    expect(seen).toMatchObject({
      "s3 pages": [10, 10, 5],
      "s3 multipart": [true, { a: "b" }],
      "s3 presigned": "7",
      "s3 range": "0a0b0c",
      "s3 resource": 25,
      "s3 error":
        "An error occurred (NoSuchKey) when calling the GetObject operation: The specified key does not exist.",
    });
  });

  it("S3: versions by the resource API, which empties a bucket before it is removed", () => {
    expect(seen["s3 versions"]).toEqual([
      [
        [0, false],
        [1, false],
        [2, false],
        [6, false],
        [null, true],
      ],
      [2, 2, 1],
    ]);
    expect(seen["s3 versions left"]).toBe(
      "An error occurred (BucketNotEmpty) when calling the DeleteBucket operation: The bucket you tried to delete is not empty. You must delete all versions in the bucket.",
    );
  });

  it("IAM and STS: a role's session may do what its policies say", () => {
    expect(seen).toMatchObject({
      "iam attached": ["clients"],
      "sts who": "arn:aws:sts::000000000000:assumed-role/person/me",
      "iam allowed": true,
      "iam refused":
        "An error occurred (AccessDenied) when calling the ListRoles operation: User: arn:aws:sts::000000000000:assumed-role/person/me is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::000000000000:role/ because no identity-based policy allows the iam:ListRoles action",
      "iam error":
        "An error occurred (NoSuchEntity) when calling the GetRole operation: The role with name none cannot be found.",
    });
  });

  it("Lambda and Logs: two Python functions made at once, both ways to invoke, their lines", () => {
    expect(seen).toMatchObject({
      "lambda pages": ["first", "second"],
      "lambda answer": [200, [{ x: "ü" }, "first"], true],
      "lambda event": 202,
      "lambda error":
        "An error occurred (ResourceNotFoundException) when calling the GetFunction operation: Function not found: arn:aws:lambda:us-east-1:000000000000:function:none",
      logs: ["hello second"],
    });
  });

  it("CloudFormation: create, change set, an update that rolls back, delete", () => {
    expect(seen).toMatchObject({
      "stack outputs": [{ OutputKey: "Arn", OutputValue: "arn:aws:s3:::made-by-a-stack" }],
      "stack changes": [["Modify", "Log"]],
      "stack unchanged":
        "An error occurred (ValidationError) when calling the UpdateStack operation: No updates are to be performed.",
      "stack rollback": "UPDATE_ROLLBACK_COMPLETE",
      "stack events": true,
    });
  });

  it("EventBridge and API Gateway", () => {
    expect(seen).toMatchObject({
      events: [0, ["clients"]],
      apis: ["clients"],
      "api resources": ["/"],
      "api error":
        "An error occurred (NotFoundException) when calling the GetRestApi operation: Invalid API identifier specified 000000000000:ID",
    });
  });

  it("SageMaker: what is not there is told in AWS's words, what is not built by its name", () => {
    expect(seen).toMatchObject({
      "sagemaker groups": ["clients"],
      "sagemaker endpoint":
        'An error occurred (ValidationException) when calling the DescribeEndpoint operation: Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/none".',
      "sagemaker training job":
        "An error occurred (ValidationException) when calling the DescribeTrainingJob operation: Requested resource not found.",
      "sagemaker model":
        'An error occurred (ValidationException) when calling the DescribeModel operation: Could not find model "arn:aws:sagemaker:us-east-1:000000000000:model/none".',
      "sagemaker pipeline": expect.stringMatching(/^An error occurred \(ResourceNotFound\)/),
      "sagemaker not here": expect.stringMatching(/\(NotImplemented\).*sagemaker:ListAutoMLJobs/),
      "sagemaker invoke":
        "An error occurred (ValidationError) when calling the InvokeEndpoint operation: Endpoint none of account 000000000000 not found.",
    });
  });
});
