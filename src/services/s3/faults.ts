import { type AwsFault, fault } from "#protocol";
import type { VersionRow } from "./state.ts";

// AWS: codes, sentences and members as in the S3 API reference, "List of error codes", and as its clients show them.

export function bucketNotFound(bucket: string): AwsFault {
  return fault("NoSuchBucket", "The specified bucket does not exist", { status: 404, members: { BucketName: bucket } });
}

export function keyNotFound(key: string): AwsFault {
  return fault("NoSuchKey", "The specified key does not exist.", { status: 404, members: { Key: key } });
}

export function versionNotFound(key: string, versionId: string): AwsFault {
  return fault("NoSuchVersion", "The specified version does not exist.", {
    status: 404,
    members: { Key: key, VersionId: versionId },
  });
}

/** AWS: a key whose newest version is a delete marker is not there, and the headers say why (user guide, "Working with delete markers"). */
export function isDeleted(key: string, { version = "null" }: VersionRow): AwsFault {
  return fault("NoSuchKey", "The specified key does not exist.", {
    status: 404,
    members: { Key: key },
    headers: { "x-amz-delete-marker": "true", "x-amz-version-id": version },
  });
}

/** AWS: a delete marker can only be deleted (user guide, "Working with delete markers"). */
export function versionIsMarker(key: string, { version = "null", modified }: VersionRow): AwsFault {
  return fault("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    status: 405,
    members: { Method: "GET", ResourceType: "DeleteMarker", Key: key },
    headers: {
      "x-amz-delete-marker": "true",
      "x-amz-version-id": version,
      "last-modified": new Date(modified).toUTCString(),
      allow: "DELETE",
    },
  });
}

export function uploadNotFound(uploadId: string): AwsFault {
  return fault(
    "NoSuchUpload",
    "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.",
    { status: 404, members: { UploadId: uploadId } },
  );
}

export function bucketNotEmpty(bucket: string, versioning?: string): AwsFault {
  const message = "The bucket you tried to delete is not empty";
  return fault("BucketNotEmpty", versioning ? `${message}. You must delete all versions in the bucket.` : message, {
    status: 409,
    members: { BucketName: bucket },
  });
}

export function bucketOwnedByYou(bucket: string): AwsFault {
  return fault(
    "BucketAlreadyOwnedByYou",
    "Your previous request to create the named bucket succeeded and you already own it.",
    { status: 409, members: { BucketName: bucket } },
  );
}

export function invalidBucketName(bucket: string): AwsFault {
  return fault("InvalidBucketName", "The specified bucket is not valid.", {
    status: 400,
    members: { BucketName: bucket },
  });
}

export function keyTooLong(size: number): AwsFault {
  return fault("KeyTooLongError", "Your key is too long", {
    status: 400,
    members: { Size: size, MaxSizeAllowed: 1024 },
  });
}

export function accessDenied(): AwsFault {
  return fault("AccessDenied", "Access Denied", { status: 403 });
}

export function preconditionFailed(condition: string): AwsFault {
  return fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", {
    status: 412,
    members: { Condition: condition },
  });
}

export function notModified(): AwsFault {
  return fault("NotModified", "Not Modified", { status: 304 });
}

export function rangeNotSatisfiable(range: string, size: number): AwsFault {
  return fault("InvalidRange", "The requested range is not satisfiable", {
    status: 416,
    members: { RangeRequested: range, ActualObjectSize: size },
  });
}

export function invalidArgument(name: string, value: unknown, message: string): AwsFault {
  return fault("InvalidArgument", message, {
    status: 400,
    members: { ArgumentName: name, ArgumentValue: value },
  });
}

export function invalidRequest(message: string): AwsFault {
  return fault("InvalidRequest", message, { status: 400 });
}

export function malformedXml(): AwsFault {
  return fault(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    { status: 400 },
  );
}

/** What AWS could do and this does not: said, never ignored. */
export function notImplemented(what: string): AwsFault {
  return fault("NotImplemented", `Cauce does not implement ${what}. docs/coverage/s3.md lists what it does.`, {
    status: 501,
  });
}

/** A configuration that a bucket or an object does not have. */
export function configurationNotFound(code: string, message: string, bucket: string): AwsFault {
  return fault(code, message, { status: 404, members: { BucketName: bucket } });
}
