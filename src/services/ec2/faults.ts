import { type AwsFault, fault } from "#protocol";

// AWS: codes and sentences as in the Amazon EC2 Developer Guide, "Error codes for the Amazon EC2 API", and as its clients show them.

export const keyPairNotFound = (name: string): AwsFault =>
  fault("InvalidKeyPair.NotFound", `The key pair '${name}' does not exist`);
export const keyPairExists = (): AwsFault => fault("InvalidKeyPair.Duplicate", "The keypair already exists");
export const keyFormatInvalid = (): AwsFault =>
  fault("InvalidKey.Format", "Key is not in valid OpenSSH public key format");

export const imageNotFound = (id: string, why = ""): AwsFault =>
  fault("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist${why}`);

export const instanceNotFound = (id: string): AwsFault =>
  fault("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`);
export const instanceStateWrong = (id: string, done: string): AwsFault =>
  fault("IncorrectInstanceState", `The instance '${id}' is not in a state from which it can be ${done}.`);
export const terminationProtected = (id: string): AwsFault =>
  fault(
    "OperationNotPermitted",
    `The instance '${id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.`,
  );
export const addressesMissing = (why: string): AwsFault =>
  fault("InsufficientInstanceCapacity", `An instance here needs a loopback address of its own. ${why}`, {
    status: 500,
  });

export const groupNotFound = (id: string): AwsFault =>
  fault("InvalidGroup.NotFound", `The security group '${id}' does not exist`);
export const groupExists = (name: string, vpc: string): AwsFault =>
  fault("InvalidGroup.Duplicate", `The security group '${name}' already exists for VPC '${vpc}'`);
export const groupReserved = (): AwsFault =>
  fault("CannotDelete", `the specified group: "default" name: "default" cannot be deleted by a user`);
export const ruleExists = (rule: string): AwsFault =>
  fault("InvalidPermission.Duplicate", `the specified rule "${rule}" already exists`);
export const ruleNotFound = (): AwsFault =>
  fault("InvalidPermission.NotFound", "The specified rule does not exist in this security group.");
export const dependent = (id: string): AwsFault =>
  fault("DependencyViolation", `resource ${id} has a dependent object`);

export const volumeNotFound = (id: string): AwsFault =>
  fault("InvalidVolume.NotFound", `The volume '${id}' does not exist.`);
export const volumeInUse = (id: string, instance: string): AwsFault =>
  fault("VolumeInUse", `Volume ${id} is currently attached to ${instance}`);
export const volumeNotAttached = (id: string): AwsFault =>
  fault("IncorrectState", `Volume '${id}' is in the 'available' state.`);
export const volumeElsewhere = (volume: string, instance: string): AwsFault =>
  fault(
    "InvalidVolume.ZoneMismatch",
    `The volume '${volume}' is not in the same availability zone as instance '${instance}'`,
  );
export const deviceTaken = (device: string): AwsFault =>
  fault(
    "InvalidParameterValue",
    `Invalid value '${device}' for unixDevice. Attachment point ${device} is already in use`,
  );

export const allocationNotFound = (id: string): AwsFault =>
  fault("InvalidAllocationID.NotFound", `The allocation ID '${id}' does not exist`);
export const associationNotFound = (id: string): AwsFault =>
  fault("InvalidAssociationID.NotFound", `The association ID '${id}' does not exist`);
export const addressInUse = (address: string): AwsFault =>
  fault("InvalidIPAddress.InUse", `Address ${address} is in use.`);
export const alreadyAssociated = (id: string): AwsFault =>
  fault("Resource.AlreadyAssociated", `resource ${id} is already associated`);

export const vpcNotFound = (id: string): AwsFault =>
  fault("InvalidVpcID.NotFound", `The vpc ID '${id}' does not exist`);
export const subnetNotFound = (id: string): AwsFault =>
  fault("InvalidSubnetID.NotFound", `The subnet ID '${id}' does not exist`);

export const idInvalid = (id: string): AwsFault => fault("InvalidID", `The ID '${id}' is not valid`);
export const missing = (parameter: string): AwsFault =>
  fault("MissingParameter", `The request must contain the parameter ${parameter}`);
export const invalid = (message: string): AwsFault => fault("InvalidParameterValue", message);
export const dryRun = (): AwsFault =>
  fault("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", { status: 412 });

/** What AWS has and this does not yet. */
export const notBuilt = (what: string): AwsFault =>
  fault("NotImplemented", `Cauce does not implement ${what}.`, { status: 501 });
