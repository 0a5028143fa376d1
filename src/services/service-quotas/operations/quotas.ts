import { formatArn } from "#core";
import { type Context, type Handlers, type OutputOf, pageOfRows } from "#kernel";
import { contextNotFound, quotaNotFound, serviceNotFound, tokenInvalid } from "../faults.ts";
import { type KnownQuota, QUOTAS, SERVICES } from "../known.ts";

type Quota = NonNullable<OutputOf<"service-quotas", "GetServiceQuota">["Quota"]>;
type At = Pick<Context, "account" | "region">;

/** Nothing was ever raised here, so that what applies is the default. */
export const quotas = {
  GetServiceQuota(input, ctx) {
    const known = requireQuota(input);
    // AWS: a resource for which nothing was raised has no value of its own, though its account has one.
    if (input.ContextId !== undefined) throw contextNotFound();
    return { Quota: toApplied(known, ctx) };
  },
  ListServiceQuotas(input, ctx) {
    const known = quotasOf(input.ServiceCode).filter(
      ({ code }) => input.QuotaCode === undefined || code === input.QuotaCode,
    );
    // AWS: those of a single resource are another list; ours are all of the account.
    const { rows, next } = page(input.QuotaAppliedAtLevel === "RESOURCE" ? [] : known, input);
    return { Quotas: rows.map((one) => toApplied(one, ctx)), ...next };
  },
  GetAWSDefaultServiceQuota(input, ctx) {
    return { Quota: toDefault(requireQuota(input), ctx) };
  },
  ListAWSDefaultServiceQuotas(input, ctx) {
    const { rows, next } = page(quotasOf(input.ServiceCode), input);
    return { Quotas: rows.map((one) => toDefault(one, ctx)), ...next };
  },
  ListServices(input) {
    const all = Object.entries(SERVICES).map(([ServiceCode, ServiceName]) => ({ ServiceCode, ServiceName }));
    const { rows, next } = page(all, input);
    return { Services: [...rows], ...next };
  },
} satisfies Handlers<"service-quotas", Record<never, never>>;

function quotasOf(service: string): readonly KnownQuota[] {
  if (SERVICES[service] === undefined) throw serviceNotFound();
  return QUOTAS.filter((one) => one.service === service);
}

function requireQuota({ ServiceCode, QuotaCode }: { ServiceCode: string; QuotaCode: string }): KnownQuota {
  const found = quotasOf(ServiceCode).find(({ code }) => code === QuotaCode);
  if (!found) throw quotaNotFound(ServiceCode, QuotaCode);
  return found;
}

/** AWS: at most 100 at once, which is also the most that may be asked for. */
function page<Row>(
  rows: readonly Row[],
  { NextToken, MaxResults }: { readonly NextToken?: string | undefined; readonly MaxResults?: number | undefined },
) {
  return pageOfRows(rows, { token: NextToken, most: MaxResults ?? 100, refuse: tokenInvalid });
}

function toApplied(known: KnownQuota, { account, region }: At): Quota {
  return {
    ...toDefault(known, { account, region }),
    QuotaArn: arnOf(known, { account, region }),
    QuotaAppliedAtLevel: "ACCOUNT",
  };
}

/** AWS: the ARN of a default names no account. User guide, `list-aws-default-service-quotas`. */
function toDefault(known: KnownQuota, { region }: At): Quota {
  return {
    ServiceCode: known.service,
    ServiceName: SERVICES[known.service] ?? known.service,
    QuotaArn: arnOf(known, { account: "", region }),
    QuotaCode: known.code,
    QuotaName: known.name,
    Value: known.value,
    Unit: "None",
    Adjustable: true,
    GlobalQuota: false,
  };
}

function arnOf({ service, code }: KnownQuota, { account, region }: At): string {
  return formatArn({ service: "servicequotas", region, account, resource: `${service}/${code}` });
}
