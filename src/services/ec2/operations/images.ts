import type { Handlers } from "#kernel";
import { imageNotFound } from "../faults.ts";
import { filterRows } from "../filters.ts";
import { IMAGE, IMAGE_ID } from "../image.ts";
import type { Ec2Tables } from "../state.ts";

export const images = {
  DescribeImages(input) {
    for (const id of input.ImageIds ?? []) if (id !== IMAGE_ID) throw imageNotFound(id);
    const owners = [IMAGE.OwnerId, IMAGE.ImageOwnerAlias];
    if (input.Owners?.length && !input.Owners.some((owner) => owners.includes(owner))) return { Images: [] };
    const found = filterRows([{ image: IMAGE, tags: {} }], input.Filters, {
      name: ({ image }) => [image.Name],
      architecture: ({ image }) => [image.Architecture],
      state: ({ image }) => [image.State],
      "image-id": ({ image }) => [image.ImageId],
      "owner-alias": ({ image }) => [image.ImageOwnerAlias],
      "owner-id": ({ image }) => [image.OwnerId],
      "root-device-type": ({ image }) => [image.RootDeviceType],
      "virtualization-type": ({ image }) => [image.VirtualizationType],
    });
    return { Images: found.map(({ image }) => image) };
  },
} satisfies Handlers<"ec2", Ec2Tables>;
