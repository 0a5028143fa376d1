/** What a price is of. Of an instance it carries the type: `hosting ml.m5.large`. */
export type PriceName =
  | `${"hosting" | "training" | "processing" | "transform"} ml.${string}`
  | `serverless ${number}`
  | `ec2 ${string}`
  | "lambda request"
  | "lambda gb-second"
  | "api request"
  | "s3 gb-month"
  | "s3 put"
  | "logs gb"
  | "logs gb-month"
  | "alarm month"
  | "secret month"
  | "hosting data gb"
  | "gp3 gb-month"
  | "ipv4 hour";

/** Name, US dollars for one unit, when it was read, where. */
export type PriceRow = readonly [PriceName, number, string, string];
