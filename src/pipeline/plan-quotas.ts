import { AwsAnswer, callJson, type Clients, type Target } from "#aws";
import { isRecord } from "#core";
import { type ServingWay, typeToRegister } from "./serving-way.ts";

/** How much of something the project needs at once, and how much the account may have. */
export interface Quota {
  readonly name: string;
  readonly needed: number;
  /** Undefined when AWS has no quota of that name here. */
  readonly allowed?: number;
  /** What asks for more, when it is not enough. */
  readonly ask?: string;
}

export interface Quotas {
  readonly quotas: readonly Quota[];
  /** Why nobody knows. */
  readonly notAsked?: string;
}

export interface Needs {
  readonly way: ServingWay;
  /** Of the jobs. */
  readonly type: string;
}

/** What is needed at the same time, by the names of the quotas. */
export function neededQuotas({ way, type }: Needs): readonly (Quota & { readonly service: Service })[] {
  const quota = (service: Service, name: string, needed: number) => ({ service, name, needed });
  return [
    quota("sagemaker", `${type} for processing job usage`, 1),
    quota("sagemaker", `${type} for training job usage`, 1),
    quota("sagemaker", `${typeToRegister(way)} for transform job usage`, 1),
    ...(way.on === "endpoint"
      ? [quota("sagemaker", `${way.type} for endpoint usage`, way.scaling?.max ?? way.instances)]
      : []),
    // AWS: of all serverless endpoints of an account and region together.
    ...(way.on === "serverless"
      ? [
          quota(
            "sagemaker",
            "Maximum total concurrency that can be allocated across all serverless endpoints",
            way.concurrency,
          ),
        ]
      : []),
    quota("lambda", "Concurrent executions", LAMBDAS),
  ];
}

type Service = "sagemaker" | "lambda";

/** Four functions, and some requests at the same time. AWS: new accounts may have as few as ten. */
const LAMBDAS = 10;

/** Asks the Service Quotas API; a permission that is missing, or a server without it, is said and changes nothing. */
export async function askQuotas(target: Target, aws: Clients, needs: Needs): Promise<Quotas> {
  const needed = neededQuotas(needs);
  try {
    const found = new Map<string, Allowed>();
    for (const service of ["sagemaker", "lambda"] as const) {
      const names = needed.filter((one) => one.service === service).map(({ name }) => name);
      for (const [name, quota] of await listed(target, aws, service, names)) found.set(name, quota);
    }
    return { quotas: needed.map((one) => compare(one, found.get(one.name), target.region)) };
  } catch (error) {
    if (!(error instanceof AwsAnswer)) throw error;
    const quotas = needed.map(({ name, needed: count }) => ({ name, needed: count }));
    return { quotas, notAsked: error.message };
  }
}

interface Allowed {
  readonly value: number;
  readonly code: string;
}

/** AWS: quotas of SageMaker have codes that say nothing, and there are two thousand; the list ends when all names are found. */
async function listed(
  target: Target,
  aws: Clients,
  ServiceCode: Service,
  names: readonly string[],
): Promise<ReadonlyMap<string, Allowed>> {
  const found = new Map<string, Allowed>();
  let NextToken: unknown;
  do {
    const page = await callJson(target, aws, ["service-quotas", "ListServiceQuotas"], {
      ServiceCode,
      MaxResults: 100,
      ...(typeof NextToken === "string" && { NextToken }),
    });
    for (const quota of Array.isArray(page["Quotas"]) ? (page["Quotas"] as readonly unknown[]) : []) {
      if (!isRecord(quota)) continue;
      const name = String(quota["QuotaName"]);
      if (names.includes(name)) found.set(name, { value: Number(quota["Value"]), code: String(quota["QuotaCode"]) });
    }
    NextToken = page["NextToken"];
  } while (NextToken !== undefined && NextToken !== null && found.size < names.length);
  return found;
}

function compare(
  { name, needed, service }: Quota & { readonly service: Service },
  allowed: Allowed | undefined,
  region: string,
): Quota {
  if (allowed === undefined) return { name, needed };
  const ask = `aws service-quotas request-service-quota-increase --service-code ${service} --quota-code ${allowed.code} --desired-value ${needed} --region ${region}`;
  return { name, needed, allowed: allowed.value, ...(allowed.value < needed && { ask }) };
}
