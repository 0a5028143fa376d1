import type { InputOf } from "#kernel";
import { notBuilt, validation } from "../faults.ts";
import { assertS3 } from "../jobs/training-request.ts";
import { readFilter } from "./json-filter.ts";
import type { TransformRequest } from "./state.ts";

/** AWS: "MaxPayloadInMB … default value is 6 MB". CreateTransformJob in the API reference. */
export const DEFAULT_PAYLOAD_MB = 6;
const MOST_PAYLOAD_MB = 100;

/** The request as a job needs it. What AWS refuses at once, and what is not built here, is said before anything is made. */
export function requireTransformable(input: InputOf<"sagemaker", "CreateTransformJob">): TransformRequest {
  const { Tags: _, ...request } = input;
  const { S3DataType: type, S3Uri: uri } = request.TransformInput.DataSource.S3DataSource ?? {};
  if (type !== "S3Prefix" && type !== "ManifestFile") throw notBuilt(`S3DataType ${type} of transform jobs`);
  const { SplitType: split = "None" } = request.TransformInput;
  if (split !== "None" && split !== "Line") throw notBuilt(`SplitType ${split} of transform jobs`);
  if (request.TransformOutput.KmsKeyId) throw notBuilt("KmsKeyId in TransformOutput");
  if (request.TransformResources.VolumeKmsKeyId) throw notBuilt("VolumeKmsKeyId in TransformResources");
  if (request.DataCaptureConfig) throw notBuilt("data capture of transform jobs");
  assertS3(uri ?? "");
  assertS3(request.TransformOutput.S3OutputPath ?? "");
  assertPayload(request);
  assertProcessing(request);
  return request;
}

function assertPayload({ MaxPayloadInMB: payload, MaxConcurrentTransforms: many }: TransformRequest): void {
  if (payload === 0) throw notBuilt("MaxPayloadInMB 0 (requests of unlimited length, in chunks)");
  if (payload === undefined) return;
  // AWS: both limits in CreateTransformJob of the API reference.
  if (payload > MOST_PAYLOAD_MB)
    throw validation(`MaxPayloadInMB must be ${MOST_PAYLOAD_MB} at most, but it is ${payload}.`);
  if (many !== undefined && many * payload > MOST_PAYLOAD_MB) {
    throw validation(
      `MaxConcurrentTransforms * MaxPayloadInMB must be ${MOST_PAYLOAD_MB} at most, but it is ${many} * ${payload}.`,
    );
  }
}

/** The content types that data processing reads and writes, and what a record is in each. */
const FORMATS: Readonly<Record<string, "csv" | "json">> = {
  "text/csv": "csv",
  "application/json": "json",
  "application/jsonlines": "json",
};

export function formatOf(contentType: string | undefined): "csv" | "json" | undefined {
  return FORMATS[(contentType?.split(";")[0] ?? "").trim().toLowerCase()];
}

/** AWS: "Associate Prediction Results with Input Records" in the developer guide. */
function assertProcessing({ DataProcessing: processing, TransformInput: from, TransformOutput: to }: TransformRequest) {
  const { InputFilter = "$", OutputFilter = "$", JoinSource = "None" } = processing ?? {};
  const shapesOutput = OutputFilter !== "$" || JoinSource === "Input";
  if (InputFilter === "$" && !shapesOutput) return;
  const { ContentType: type, SplitType: split } = from;
  const format = requireFormat(type);
  assertFilter("InputFilter", InputFilter, format);
  assertFilter("OutputFilter", OutputFilter, format);
  if (format === "csv" && split !== "Line") throw validation("DataProcessing of text/csv needs the SplitType Line.");
  if (!shapesOutput) return;
  if (formatOf(to.Accept) !== format) {
    const given = to.Accept ?? "not given";
    throw validation(`JoinSource and OutputFilter need an Accept like the ContentType ${type}, but it is ${given}.`);
  }
  if (split === "Line" && to.AssembleWith !== "Line")
    throw validation("JoinSource and OutputFilter with the SplitType Line need AssembleWith Line.");
}

function requireFormat(type: string | undefined): "csv" | "json" {
  const format = formatOf(type);
  if (format) return format;
  const given = type ?? "not given";
  throw validation(
    `DataProcessing needs the ContentType text/csv, application/json or application/jsonlines, but it is ${given}.`,
  );
}

function assertFilter(name: string, path: string, format: "csv" | "json"): void {
  const filter = readFilter(path);
  if (!filter) throw validation(`${name} '${path}' is not a JSONPath of the operators that are supported.`);
  if (format === "csv" && filter.byName)
    throw validation(`${name} '${path}' names a field, but CSV has columns: use indices, like $[0] or $[1:].`);
}
