import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { clientsOf, filesBelow, killServer, until } from "./crashing.ts";

const MiB = 1024 * 1024;
const Bucket = "bucket";

describe("the server is killed during an upload", { timeout: 60_000 }, () => {
  let user: CauceHome;
  const kept = randomBytes(3 * MiB);

  beforeAll(async () => {
    user = await openHome();
    const { s3 } = await clientsOf(user);
    await s3.createBucket({ Bucket });
    await s3.putObject({ Bucket, Key: "kept", Body: kept });
  });
  afterAll(() => user[Symbol.asyncDispose]());

  it("of 32 MiB over another object: the old one is there, whole, and nothing else", async () => {
    const { s3 } = await clientsOf(user);
    const put = s3.putObject({ Bucket, Key: "kept", Body: randomBytes(32 * MiB) }).catch((error: unknown) => error);
    await until(() => incoming(user).length > 0);
    killServer(user);
    expect(await put).toBeInstanceOf(Error);
    expect((await user.cauce(["env"])).stderr).toMatch(/An upload was cut off: nothing of it is kept/);
    const after = await clientsOf(user);
    const { Body, ETag } = await after.s3.getObject({ Bucket, Key: "kept" });
    const bytes = Buffer.from((await Body?.transformToByteArray()) ?? []);
    expect(bytes.equals(kept)).toBe(true);
    expect(ETag).toBe(`"${createHash("md5").update(kept).digest("hex")}"`);
    expect(incoming(user)).toEqual([]);
    await expect.poll(() => filesBelow(join(user.home, "blobs")).length).toBe(1);
  });

  it.each([0, 4, 12])("while it is completed, %i ms in: whole, or still to be completed", async (moment) => {
    const { s3 } = await clientsOf(user);
    const Key = `parts-${moment}`;
    const pieces = [randomBytes(5 * MiB), randomBytes(MiB)];
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const Parts = await Promise.all(
      pieces.map(async (Body, index) => {
        const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber: index + 1, Body });
        return { PartNumber: index + 1, ETag };
      }),
    );
    let acknowledged = false;
    const complete = s3
      .completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } })
      .then(() => (acknowledged = true))
      .catch(() => {});
    setTimeout(() => killServer(user), moment);
    await complete;
    await until(async () => (await fetch(user.endpoint()).catch(() => undefined)) === undefined);
    const after = await clientsOf(user);
    const { Uploads = [] } = await after.s3.listMultipartUploads({ Bucket });
    if (acknowledged) expect(Uploads).toEqual([]);
    if (Uploads.length > 0) {
      expect((await after.s3.listParts({ Bucket, Key, UploadId })).Parts?.map(({ ETag }) => ETag)).toEqual(
        Parts.map(({ ETag }) => ETag),
      );
      await after.s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    }
    const { Body } = await after.s3.getObject({ Bucket, Key });
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(Buffer.concat(pieces))).toBe(true);
  });
});

function incoming(user: CauceHome): string[] {
  return filesBelow(join(user.home, "blobs/of/s3/incoming"));
}
