import { invalid } from "./faults.ts";

/** The small families of x86, which a single server is put on. What runs here has this machine's processors and memory, whatever the type. */
export const TYPES: readonly string[] = ["t2", "t3", "t3a"]
  .flatMap((family) =>
    ["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"].map((size) => `${family}.${size}`),
  )
  .concat(
    ["m5", "m6i", "m7i", "c5", "c6i", "c7i"].flatMap((family) =>
      ["large", "xlarge", "2xlarge"].map((size) => `${family}.${size}`),
    ),
  );

export function requireType(type: string): string {
  if (TYPES.includes(type)) return type;
  // AWS: families whose number is followed by a g have Arm's processors.
  if (/^[a-z]+\d+g/.test(type)) {
    throw invalid(
      "The architecture 'arm64' of the specified instance type does not match the architecture 'x86_64' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again.",
    );
  }
  throw invalid(`Invalid value '${type}' for InstanceType. The embedded EC2 knows ${TYPES.join(", ")}.`);
}
