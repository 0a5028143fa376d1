import { defineService } from "#kernel";
import { resources } from "./cloudformation.ts";
import { credentialsDoor } from "./credentials-door.ts";
import { resumeInstances } from "./machines.ts";
import { addresses } from "./operations/addresses.ts";
import { images } from "./operations/images.ts";
import { instances } from "./operations/instances.ts";
import { keyPairs } from "./operations/key-pairs.ts";
import { network } from "./operations/network.ts";
import { runInstances } from "./operations/run-instances.ts";
import { securityGroups } from "./operations/security-groups.ts";
import { tags } from "./operations/tags.ts";
import { volumes } from "./operations/volumes.ts";
import { permissions } from "./permissions.ts";
import { ec2Tables } from "./state.ts";

export const ec2 = defineService({
  name: "ec2",
  tables: ec2Tables,
  operations: {
    ...addresses,
    ...images,
    ...instances,
    ...keyPairs,
    ...network,
    ...runInstances,
    ...securityGroups,
    ...tags,
    ...volumes,
  },
  permissions,
  resources,
  quirks: { validation: { code: "InvalidParameterValue" } },
  http: credentialsDoor,
  start: resumeInstances,
});
