import { formatArn } from "#core";
import type { Permissions } from "#kernel";

type At = { readonly account: string; readonly region: string };

interface Scaled {
  readonly ServiceNamespace: string;
  readonly ScalableDimension: string;
}

const onTargets =
  (action: string) =>
  (input: Scaled, { account, region }: At) => ({
    action: `application-autoscaling:${action}`,
    resource: formatArn({ service: "application-autoscaling", region, account, resource: "scalable-target/*" }),
    conditions: {
      "application-autoscaling:service-namespace": input.ServiceNamespace,
      "application-autoscaling:scalable-dimension": input.ScalableDimension,
    },
  });
const onArn = (action: string) => (input: { ResourceARN: string }) => ({
  action: `application-autoscaling:${action}`,
  resource: input.ResourceARN,
});

/** AWS: "Actions, resources, and condition keys for AWS Application Auto Scaling". What is described has no resource. */
export const permissions: Permissions<"application-autoscaling"> = {
  RegisterScalableTarget: onTargets("RegisterScalableTarget"),
  DeregisterScalableTarget: onTargets("DeregisterScalableTarget"),
  PutScalingPolicy: onTargets("PutScalingPolicy"),
  DeleteScalingPolicy: onTargets("DeleteScalingPolicy"),
  TagResource: onArn("TagResource"),
  UntagResource: onArn("UntagResource"),
  ListTagsForResource: onArn("ListTagsForResource"),
};
