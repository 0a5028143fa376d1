import { type CostLine, HOURS, lineOf, total, type Total } from "./cost.ts";

/** Of the system, and of the state: src/pipeline/ec2/template.ts. */
const GIGABYTES = 12 + 20;

/** What one instance with the whole of Cauce on it costs a month. */
export function hostCost(host: { readonly region: string; readonly type?: string | undefined }): Total {
  const { region, type = "t3.micro" } = host;
  const always = { idle: true as const };
  const lines: CostLine[] = [
    lineOf(region, `ec2 ${type}`, { what: `EC2: ${type}`, quantity: HOURS, unit: "hours", ...always }),
    lineOf(region, "gp3 gb-month", { what: "EBS: gp3 volumes", quantity: GIGABYTES, unit: "GB-month", ...always }),
    lineOf(region, "ipv4 hour", { what: "VPC: public IPv4 address", quantity: HOURS, unit: "hours", ...always }),
    lineOf(region, "s3 gb-month", { what: "S3: copies of the state", quantity: 1, unit: "GB-month", ...always }),
  ];
  return total(lines);
}
