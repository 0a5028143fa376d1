import type { Image } from "@aws-sdk/client-ec2";
import { imageNotFound } from "./faults.ts";

/** The one image that something would run of: Amazon Linux as far as Cauce needs it, with Cauce installed. */
export const IMAGE_ID = "ami-0ca0ce0ca0ce0ca0c";

/** AWS: public parameters that name the newest Amazon Linux 2023. "Reference the latest AMIs", AL2023 user guide. */
const PUBLIC_NAME = /^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-(minimal-)?kernel-(default|6\.\d+)-x86_64$/;

/** The image that a launch names: by its id, or as `resolve:ssm:` and a public parameter. */
export function resolveImage(named: string): string {
  if (named === IMAGE_ID) return IMAGE_ID;
  const parameter = /^resolve:ssm:(.+?)(?::\d+)?$/.exec(named)?.[1];
  if (parameter !== undefined && PUBLIC_NAME.test(parameter)) return IMAGE_ID;
  const why = ` here, because nothing would run of it: the embedded EC2 has one image, ${IMAGE_ID} (Amazon Linux 2023 on x86_64, with Cauce), which /aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64 names too.`;
  throw imageNotFound(parameter ?? named, why);
}

export const IMAGE: Image = {
  ImageId: IMAGE_ID,
  Name: "al2023-ami-cauce-kernel-default-x86_64",
  Description:
    "Amazon Linux 2023 as far as Cauce needs it, with Cauce: its boot script runs, as a process of this machine",
  ImageLocation: "amazon/al2023-ami-cauce-kernel-default-x86_64",
  OwnerId: "137112412989",
  ImageOwnerAlias: "amazon",
  State: "available",
  Public: true,
  Architecture: "x86_64",
  ImageType: "machine",
  PlatformDetails: "Linux/UNIX",
  UsageOperation: "RunInstances",
  RootDeviceType: "ebs",
  RootDeviceName: "/dev/xvda",
  VirtualizationType: "hvm",
  Hypervisor: "xen",
  EnaSupport: true,
  ImdsSupport: "v2.0",
  CreationDate: "2026-11-01T00:00:00.000Z",
  BlockDeviceMappings: [],
};
