// A client that puts, overwrites, deletes and uploads in parts until it is killed; each line it writes is one request, before and after.
import { createHash } from "node:crypto";
import { S3 } from "@aws-sdk/client-s3";
import { chance } from "./chance.mjs";
import { say, untilKilled } from "./client.mjs";

const [what, seed, Bucket] = process.argv.slice(2);
const random = chance(Number(seed));
const s3 = new S3({ forcePathStyle: true, maxAttempts: 1 });
const MiB = 1024 * 1024;
const md5Of = (bytes) => createHash("md5").update(bytes).digest("hex");

await s3.createBucket({ Bucket }).catch((error) => {
  if (!/AlreadyOwned/.test(error.name)) throw error;
});
// Three at once, each with keys of its own: an overwrite must not race with another.
await untilKilled(() => Promise.all([0, 1, 2].map((lane) => (what === "put" ? puts(lane) : multiparts(lane)))));

async function puts(lane) {
  for (;;) {
    const key = `put/${lane}/${random.whole(12)}`;
    if (random.next() < 0.15) {
      say({ asks: true, key, md5: null });
      await s3.deleteObject({ Bucket, Key: key });
      say({ acknowledged: true, key, md5: null });
      continue;
    }
    // Small ones lie in the database, others in files: as many of each, and some about the border.
    const size = random.whole(random.oneOf([4 * 1024, 32 * 1024, 64 * 1024, 16 * MiB]));
    const Body = random.bytes(size);
    const md5 = md5Of(Body);
    say({ asks: true, key, md5 });
    await s3.putObject({ Bucket, Key: key, Body });
    say({ acknowledged: true, key, md5 });
  }
}

async function multiparts(lane) {
  for (;;) {
    const Key = `parts/${lane}/${random.whole(4)}`;
    const { UploadId } = await s3.createMultipartUpload({ Bucket, Key });
    const pieces = Array.from({ length: 1 + random.whole(3) }, () => random.bytes(5 * MiB + random.whole(MiB)));
    if (random.next() < 0.5) pieces.push(random.bytes(random.whole(32 * 1024)));
    const Parts = await Promise.all(
      pieces.map(async (Body, index) => {
        const PartNumber = index + 1;
        const { ETag } = await s3.uploadPart({ Bucket, Key, UploadId, PartNumber, Body });
        if (ETag !== `"${md5Of(Body)}"`) throw new Error(`A part's ETag is ${ETag}.`);
        return { PartNumber, ETag };
      }),
    );
    const md5 = md5Of(Buffer.concat(pieces));
    say({ asks: true, key: Key, md5 });
    await s3.completeMultipartUpload({ Bucket, Key, UploadId, MultipartUpload: { Parts } });
    say({ acknowledged: true, key: Key, md5 });
  }
}
