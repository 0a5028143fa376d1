import { callerFromEnvironment } from "#aws";
import { extractor } from "./extractor.ts";

declare const READER_DIGEST: string;

const env = process.env;
const required = (name: string): string => {
  const value = env[name];
  if (!value) throw new Error(`The variable ${name} of this function is not set.`);
  return value;
};

/** The pipeline's first step. */
export const handler = extractor(callerFromEnvironment(env), {
  outputUri: required("OUTPUT_URI"),
  group: required("GROUP"),
  noChampionUri: required("NO_CHAMPION_URI"),
  secretId: env["SECRET_ID"],
  readerDigest: READER_DIGEST,
  temporary: "/tmp",
  memoryMegabytes: Number(env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] ?? 3008),
});
