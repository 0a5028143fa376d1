import type { DataSettings, PrepareSettings } from "../../define.ts";
import { get } from "../../definition.ts";
import { allow, arn, lambdaFunction, objects } from "../../resources.ts";
import { parseS3 } from "../../sources/s3.ts";
import type { Stage } from "../stage.ts";

export const EXTRACT_OUTPUTS = ["DataUri", "ProfileUri", "Rows", "Columns", "ChampionUri"] as const;

/** A table, whatever its format, becomes `data.parquet` and `profile.json`. */
export const extract: Stage = {
  name: "extract",
  contribute(at) {
    const { data } = at.project;
    return {
      steps: [
        {
          Name: "Extract",
          Type: "Lambda",
          FunctionArn: `arn:${at.names.partition}:lambda:${at.place.region}:${at.place.account}:function:${at.names.functions.extract}`,
          // AWS: flat and primitive, or the service makes one text of it. Guide, "Lambda step".
          Arguments: {
            SourceUri: get("Parameters.SourceUri"),
            SourceName: at.sourceName,
            // What lies at an address that is not made of content may change: then the definition does, and the pipeline runs.
            ...(at.source?.uri !== undefined && { SourceVersion: at.source.sha256 }),
            Target: data.target,
            Header: data.header ?? true,
            ...saidOf(data),
            ...kindsOf(at.project.prepare?.features),
          },
          OutputParameters: EXTRACT_OUTPUTS.map((OutputName) => ({ OutputName, OutputType: "String" })),
        },
      ],
      resources: lambdaFunction(at, "extract", {
        description: `Reads the table of ${at.project.name}`,
        // AWS: a pipeline's Lambda step ends after 10 minutes at most, and was seen to break from 6 on.
        timeout: 300,
        memory: 3008,
        storage: 4096,
        environment: {
          OUTPUT_URI: at.names.uri("extracted"),
          GROUP: at.names.group,
          NO_CHAMPION_URI: at.names.uri("champion", "none"),
          ...(data.secret !== undefined && {
            SECRET_ID: data.secret,
            // AWS: there are the certificates of RDS's servers, which Node has not known by itself since version 20. Developer guide, "Node.js".
            NODE_EXTRA_CA_CERTS: "/var/runtime/ca-cert.pem",
          }),
        },
        vpc: data.vpc,
        statements: [
          allow("s3:GetObject", [objects(at, "data/*"), objects(at, "extracted/*")]),
          allow("s3:PutObject", objects(at, "extracted/*")),
          ...(at.source?.folder && at.source.uri === undefined
            ? [allow("s3:ListBucket", objects(at), { StringLike: { "s3:prefix": [at.names.key("data/*")] } })]
            : []),
          ...(data.secret === undefined
            ? elsewhere(at.source?.uri, at.names.partition)
            : [allow("secretsmanager:GetSecretValue", secretArn(data.secret))]),
          allow("sagemaker:ListModelPackages", "*"),
          allow("sagemaker:DescribeModelPackage", arn("sagemaker", `model-package/${at.names.group}/*`)),
        ],
      }),
    };
  },
};

/** What a project says of how its table is read; a database's question only where the function asks it. */
function saidOf({ missing, secret, ...data }: DataSettings): Record<string, string> {
  const said = {
    Sheet: data.sheet,
    Separator: data.separator,
    Encoding: data.encoding,
    Decimal: data.decimal,
    Dates: data.dates,
    Missing: missing === undefined ? undefined : JSON.stringify(missing),
    ...(secret !== undefined && { Table: data.table, Query: data.query }),
  };
  return Object.fromEntries(Object.entries(said).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What is said to be a class or a number is not read as a date. */
function kindsOf(features: PrepareSettings["features"]): Record<string, string> {
  const kinds = Object.entries(features ?? {}).map(([name, { kind }]) => [name, kind] as const);
  return kinds.length === 0 ? {} : { Kinds: JSON.stringify(Object.fromEntries(kinds)) };
}

/** AWS: a secret's ARN ends with six characters that its name does not tell. */
function secretArn(secret: string) {
  return secret.startsWith("arn:") ? secret : arn("secretsmanager", `secret:${secret}-??????`);
}

/** A table that stays where it is in S3 is read there: the object, or what lies below the prefix. */
function elsewhere(uri: string | undefined, partition: string) {
  if (uri === undefined) return [];
  const { bucket, key } = parseS3(uri);
  const many = key === "" || key.endsWith("/");
  return [
    allow("s3:GetObject", `arn:${partition}:s3:::${bucket}/${key}${many ? "*" : ""}`),
    allow("s3:ListBucket", `arn:${partition}:s3:::${bucket}`),
  ];
}
