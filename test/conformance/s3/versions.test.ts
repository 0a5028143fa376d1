import { S3 } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startCauce, type TestServer } from "#test/start-cauce";

let cauce: TestServer;
let s3: S3;
const Bucket = "versioned";

beforeAll(async () => {
  cauce = await startCauce();
  s3 = new S3(cauce.client);
  await s3.createBucket({ Bucket });
  await s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: "Enabled" } });
});

afterAll(async () => {
  s3.destroy();
  expect(cauce.reports).toEqual([]);
  await cauce[Symbol.asyncDispose]();
});

it("gives every version its id, through the official client and on the wire", async () => {
  const one = await s3.putObject({ Bucket, Key: "a", Body: "1" });
  const two = await s3.putObject({ Bucket, Key: "a", Body: "22" });
  const body = async (VersionId?: string) =>
    (await s3.getObject({ Bucket, Key: "a", ...(VersionId !== undefined && { VersionId }) })).Body?.transformToString();
  expect(await body()).toBe("22");
  expect(await body(one.VersionId)).toBe("1");
  expect((await s3.headObject({ Bucket, Key: "a" })).VersionId).toBe(two.VersionId);

  const { DeleteMarker, VersionId: marker } = await s3.deleteObject({ Bucket, Key: "a" });
  expect(DeleteMarker).toBe(true);
  const seen: Record<string, string | undefined>[] = [];
  s3.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args).catch((error: { $response?: { headers: Record<string, string> } }) => {
        seen.push(error.$response?.headers ?? {});
        throw error;
      });
      return result;
    },
    { step: "deserialize", priority: "high", name: "seen" },
  );
  await expect(s3.getObject({ Bucket, Key: "a" })).rejects.toMatchObject({ name: "NoSuchKey" });
  await expect(s3.getObject({ Bucket, Key: "a", VersionId: marker })).rejects.toMatchObject({
    name: "MethodNotAllowed",
    $metadata: { httpStatusCode: 405 },
  });
  s3.middlewareStack.remove("seen");
  expect(seen).toMatchObject([
    { "x-amz-delete-marker": "true", "x-amz-version-id": marker },
    { "x-amz-delete-marker": "true", allow: "DELETE", "last-modified": expect.stringMatching(/GMT$/) as string },
  ]);

  const listed = await s3.listObjectVersions({ Bucket });
  expect(listed.Versions?.map((version) => version.VersionId)).toEqual([two.VersionId, one.VersionId]);
  expect(listed.DeleteMarkers).toMatchObject([{ Key: "a", VersionId: marker, IsLatest: true }]);
  const Objects = [...(listed.Versions ?? []), ...(listed.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({
    Key,
    VersionId,
  }));
  await s3.deleteObjects({ Bucket, Delete: { Objects } });
  expect((await s3.listObjectVersions({ Bucket })).Versions).toBeUndefined();
});
