import { createReadStream } from "node:fs";
import { lstat, readdir, rm, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { create } from "tar";
import { AwsFault } from "#protocol";
import type { S3Session } from "./download.ts";
import { clientError, requireS3Uri } from "./s3-uri.ts";

/** Puts every file of a folder under an S3 prefix. Answers how many there were. */
export async function uploadFolder(session: S3Session, folder: string, uri: string): Promise<number> {
  const files = await filesIn(folder);
  for (const file of files) await uploadFile(session, file, `${uri.replace(/\/+$/, "")}/${relative(folder, file)}`);
  return files.length;
}

export async function uploadFile(session: S3Session, file: string, uri: string): Promise<void> {
  const { bucket, key } = requireS3Uri(uri);
  const { size } = await stat(file);
  try {
    await session.ctx.call(
      "s3",
      "PutObject",
      { Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size },
      { as: session.role.principal },
    );
  } catch (error) {
    if (error instanceof AwsFault)
      throw clientError(`ClientError: Artifact upload failed:${error.code}: ${error.message} (${uri})`);
    throw error;
  }
}

/** Packs a folder as `model.tar.gz` is packed, into `archive`, and uploads it. False: there is nothing in the folder. */
export async function uploadArchive(
  session: S3Session,
  folder: string,
  target: { readonly archive: string; readonly uri: string },
): Promise<boolean> {
  const files = await filesIn(folder);
  if (files.length === 0) return false;
  // Level 1: models hardly shrink further, and a user waits.
  await create(
    { file: target.archive, cwd: folder, gzip: { level: 1 }, portable: true, mtime: new Date(0) },
    (await readdir(folder)).toSorted(),
  );
  await uploadFile(session, target.archive, target.uri);
  await rm(target.archive, { force: true });
  return true;
}

/** Never through a link: a job could let one point at what only the server may read. */
async function filesIn(folder: string): Promise<string[]> {
  const found = await lstat(folder).catch(() => undefined);
  if (!found?.isDirectory()) return [];
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) files.push(...(await filesIn(path)));
    else if (entry.isFile()) files.push(path);
    else
      throw clientError(
        `ClientError: Artifact upload failed:${entry.name} is a link or a device. Only files and folders are uploaded: write a copy.`,
      );
  }
  return files.toSorted();
}
