import type { Bringable } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";

/** AWS: quotas of CloudFormation; a template beyond the first is sent through S3, one beyond the second not at all. */
const TEMPLATE = { inRequest: 51_200, most: 1_000_000, resources: 500 };

/** Limits of AWS that a person can come to with this project, in sentences, before AWS says so. */
export function knownLimits(
  project: ResolvedProject,
  { template }: Pick<Bringable, "template">,
  region: string,
): readonly string[] {
  const bytes = Buffer.byteLength(JSON.stringify(template));
  const count = Object.keys(template.Resources).length;
  return [
    "A request at the URL: 6 MB, answered within 29 s; a table goes through `cauce predict`.",
    "Reading a table: 5 minutes and 10 GB in the function that extracts it.",
    ...(project.deploy.on === "serverless"
      ? ["A request to a serverless endpoint: 4 MB, within 60 s; the first after a pause waits for its start."]
      : []),
    ...(bytes > TEMPLATE.inRequest ? [`The template has ${bytes} bytes: it goes through S3.`] : []),
    ...(bytes > TEMPLATE.most ? [`The template has ${bytes} bytes; CloudFormation takes ${TEMPLATE.most}.`] : []),
    ...(count > TEMPLATE.resources
      ? [`The template has ${count} resources; CloudFormation takes ${TEMPLATE.resources}.`]
      : []),
    ...(region.startsWith("cn-") && project.deploy.on === "serverless"
      ? ["AWS has no serverless endpoints in China."]
      : []),
  ];
}
