import { isOffered, type Use } from "./plan-instances.ts";
import { typeToRegister } from "./serving-way.ts";
import type { Bringable } from "./synth.ts";
import type { ResolvedProject } from "./validate.ts";

/** AWS: quotas of CloudFormation; a template beyond the first is sent through S3, one beyond the others not at all. */
const TEMPLATE = { inRequest: 51_200, most: 1_000_000, resources: 500 };

export interface Limits {
  /** What AWS would refuse. */
  readonly problems: readonly string[];
  /** What a person can come to later. */
  readonly known: readonly string[];
}

/** Limits of AWS for this project, before AWS says so. */
export function limitsOf(project: ResolvedProject, { template }: Pick<Bringable, "template">, region: string): Limits {
  const bytes = Buffer.byteLength(JSON.stringify(template));
  const count = Object.keys(template.Resources).length;
  const problems = [
    ...typesOf(project)
      .filter(([use, type]) => isOffered(use, type, region) === false)
      .map(([use, type]) => `${type} is not offered for ${use} in ${region}.`),
    ...(bytes > TEMPLATE.most ? [`The template has ${bytes} bytes; CloudFormation takes ${TEMPLATE.most}.`] : []),
    ...(count > TEMPLATE.resources
      ? [`The template has ${count} resources; CloudFormation takes ${TEMPLATE.resources}.`]
      : []),
  ];
  const known = [
    "A request at the URL: 6 MB, answered within 29 s; a table goes through `cauce predict`.",
    "Reading a table: 5 minutes and 10 GB in the function that extracts it.",
    ...(project.deploy.on === "serverless"
      ? ["A request to a serverless endpoint: 4 MB, within 60 s; the first after a pause waits for its start."]
      : []),
    ...(bytes > TEMPLATE.inRequest ? [`The template has ${bytes} bytes: it goes through S3.`] : []),
  ];
  return { problems, known };
}

function typesOf({ train, deploy }: ResolvedProject): readonly (readonly [Use, string])[] {
  return [
    ["processing", train.type],
    ["transform", typeToRegister(deploy)],
    ...(deploy.on === "endpoint" ? [["hosting", deploy.type] as const] : []),
  ];
}
