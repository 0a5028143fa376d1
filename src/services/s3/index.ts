import { defineService } from "#kernel";
import { absentSettings } from "./absent-settings.ts";
import { policyOperations, resourcePolicyOf } from "./bucket-policies.ts";
import { bucketSettings } from "./bucket-settings.ts";
import { bucketOperations } from "./buckets.ts";
import { resources } from "./cloudformation.ts";
import { copyOperations } from "./copy-object.ts";
import { corsOperations, crossOrigin } from "./cors.ts";
import { deleteOperations } from "./delete-object.ts";
import { getOperations } from "./get-object.ts";
import { lifecycleOperations } from "./lifecycle.ts";
import { listOperations } from "./list-objects.ts";
import { listVersionOperations } from "./list-versions.ts";
import { completeOperations } from "./multipart-complete.ts";
import { multipartListOperations } from "./multipart-list.ts";
import { multipartOperations } from "./multipart.ts";
import { permissions } from "./permissions.ts";
import { putOperations } from "./put-object.ts";
import { quirks } from "./quirks.ts";
import { resume } from "./resume.ts";
import { tables } from "./state.ts";
import { tagOperations } from "./tags.ts";

/** Amazon S3: buckets and objects, their bytes in the kernel's blobs, everything else in its tables. */
export const s3 = defineService({
  name: "s3",
  tables,
  operations: {
    ...bucketOperations,
    ...putOperations,
    ...getOperations,
    ...deleteOperations,
    ...copyOperations,
    ...listOperations,
    ...listVersionOperations,
    ...multipartOperations,
    ...completeOperations,
    ...multipartListOperations,
    ...tagOperations,
    ...corsOperations,
    ...bucketSettings,
    ...policyOperations,
    ...lifecycleOperations,
    ...absentSettings,
  },
  permissions,
  resourcePolicy: resourcePolicyOf,
  quirks,
  crossOrigin,
  resources,
  start: resume,
});
