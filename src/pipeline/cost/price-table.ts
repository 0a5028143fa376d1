import type { PriceRow } from "./price-name.ts";

const BULK = "AWS Price List bulk API, offer file of the region, as kept by a public repository";
const API = "AWS Price List query API, as quoted in a public repository";
const BILL = "an AWS bill of December 2023, as published by AWS (sagemaker-ssh-helper, Sample_Costs.md)";
const OFFER = "AWS price list, AmazonSageMaker of the region, as quoted in a public repository";
const GOLDEN = "AWS price list, as recorded by Infracost's tests";

/**
 * On-demand prices, first tier, without free tiers, discounts and tax. A price that no source gives is not here: what costs it says
 * "unknown". To refresh: the offer files of the Price List bulk API, by the usage types in the sources.
 */
export const PRICES: Readonly<Record<string, readonly PriceRow[]>> = {
  "us-east-1": [
    ["hosting ml.m5.large", 0.115, "2026-09-03", BULK],
    ["hosting ml.m5.xlarge", 0.23, "2026-09-28", `${API}: USE1-Host:ml.m5.xlarge`],
    ["hosting ml.m5.2xlarge", 0.461, "2026-09-28", `${API}: USE1-Host:ml.m5.2xlarge`],
    ["hosting ml.c6g.large", 0.0816, "2026-09-03", BULK],
    ["hosting ml.g4dn.xlarge", 0.736, "2026-09-03", BULK],
    ["training ml.m5.large", 0.115, "2026-08-11", `${API}: USE1-Train:ml.m5.large`],
    ["processing ml.m5.large", 0.115, "2026-07-30", `${API}: USE1-Processing:ml.m5.large`],
    ["processing ml.m5.xlarge", 0.23, "2026-07-30", API],
    ["processing ml.t3.medium", 0.05, "2026-07-30", API],
    ["processing ml.t3.large", 0.1, "2026-07-31", "a measured job on AWS, as reported in a public repository"],
    ["serverless 2048", 0.000_04, "undated", "SageMaker's price of a second at 2 GB, as quoted in a public guide"],
    ["serverless 3072", 0.000_06, "2026-09-09", `${API}: USE1-ServerlessInf:Mem-3GB`],
    ["lambda request", 0.000_000_2, "2026-09-03", BULK],
    ["lambda gb-second", 0.000_016_666_7, "2026-09-03", BULK],
    ["api request", 0.000_003_5, "2025-11-20", `${API}: USE1-ApiGatewayRequest`],
    ["s3 gb-month", 0.023, "2026-09-03", BULK],
    ["s3 put", 0.000_005, "undated", GOLDEN],
    ["logs gb", 0.5, "2026-09-03", BULK],
    ["logs gb-month", 0.03, "2026-09-03", BULK],
    ["alarm month", 0.1, "2026-09-03", BULK],
    ["secret month", 0.4, "2026-09-03", BULK],
    ["ec2 t3.micro", 0.0104, "2026-09-03", BULK],
    ["ec2 t3.small", 0.0208, "2026-09-03", BULK],
    ["ec2 t3.medium", 0.0416, "2026-09-03", BULK],
    ["ec2 m5.large", 0.096, "2026-09-03", BULK],
    ["ec2 t2.micro", 0.0116, "2019-12", `${API}: BoxUsage:t2.micro`],
    ["gp3 gb-month", 0.08, "2026-09-03", BULK],
    ["ipv4 hour", 0.005, "2026-07-24", `${API}: USE1-PublicIPv4:InUseAddress`],
  ],
  "us-west-2": [
    ["hosting ml.m5.large", 0.115, "2026-09-03", BULK],
    ["hosting ml.c6g.large", 0.0816, "2026-09-03", BULK],
    ["hosting ml.g4dn.xlarge", 0.736, "2026-09-03", BULK],
    ["lambda request", 0.000_000_2, "2026-09-03", BULK],
    ["lambda gb-second", 0.000_016_666_7, "2026-09-03", BULK],
    ["s3 gb-month", 0.023, "2026-09-03", BULK],
    ["logs gb", 0.5, "2026-09-03", BULK],
    ["logs gb-month", 0.03, "2026-09-03", BULK],
    ["alarm month", 0.1, "2026-09-03", BULK],
    ["secret month", 0.4, "2026-09-03", BULK],
    ["ec2 t3.micro", 0.0104, "2026-09-03", BULK],
    ["ec2 t3.small", 0.0208, "2026-09-03", BULK],
    ["ec2 t3.medium", 0.0416, "2026-09-03", BULK],
    ["gp3 gb-month", 0.08, "2026-09-03", BULK],
  ],
  "eu-central-1": [
    ["hosting ml.m5.large", 0.138, "2026-09-03", BULK],
    ["hosting ml.c6g.large", 0.093_12, "2026-09-03", BULK],
    ["hosting ml.g4dn.xlarge", 0.921, "2026-09-03", BULK],
    ["lambda request", 0.000_000_2, "2026-09-03", BULK],
    ["lambda gb-second", 0.000_016_666_7, "2026-09-03", BULK],
    ["api request", 0.000_003_7, "undated", `${API}: EUC1-ApiGatewayRequest`],
    ["s3 gb-month", 0.0245, "2026-09-03", BULK],
    ["logs gb", 0.63, "2026-09-03", BULK],
    ["logs gb-month", 0.0324, "2026-09-03", BULK],
    ["alarm month", 0.1, "2026-09-03", BULK],
    ["secret month", 0.4, "2026-09-03", BULK],
    ["ec2 t3.micro", 0.012, "2026-09-03", BULK],
    ["ec2 t3.small", 0.024, "2026-09-03", BULK],
    ["ec2 t3.medium", 0.048, "2026-09-03", BULK],
    ["gp3 gb-month", 0.0952, "2026-09-03", BULK],
  ],
  "eu-west-1": [
    ["hosting ml.m5.xlarge", 0.257, "2023-12", BILL],
    ["hosting ml.g4dn.xlarge", 0.821, "2023-12", BILL],
    ["training ml.m5.xlarge", 0.257, "2023-12", BILL],
    ["processing ml.m5.xlarge", 0.257, "2023-12", BILL],
    ["transform ml.m5.xlarge", 0.257, "2023-12", BILL],
    ["hosting data gb", 0.016, "2023-12", BILL],
    ["lambda request", 0.000_000_2, "2026-10-02", BULK],
    ["lambda gb-second", 0.000_016_666_7, "2026-10-02", BULK],
    ["api request", 0.000_003_5, "2026-10-02", BULK],
    ["logs gb", 0.57, "2026-10-02", BULK],
    ["logs gb-month", 0.03, "2026-10-02", BULK],
    ["alarm month", 0.1, "2026-10-02", BULK],
    ["ec2 t3.micro", 0.0114, "2026-09-01", `${API}: EU-BoxUsage:t3.micro`],
    ["ec2 t2.micro", 0.0126, "2021-01-01", `${API}: t2.micro`],
  ],
  "eu-west-3": [
    ["hosting ml.g4dn.xlarge", 0.861, "2026-10-04", `${OFFER}: Host:ml.g4dn.xlarge`],
    ["hosting ml.g6.xlarge", 1.4302, "2026-10-04", `${OFFER}: Host:ml.g6.xlarge`],
    ["transform ml.g4dn.xlarge", 0.861, "2026-10-04", `${OFFER}: Tsform:ml.g4dn.xlarge`],
  ],
};
