import type { Live } from "#kernel";
import type { Engine } from "./engines/engine.ts";
import type { VariantCounts } from "./variant-counts.ts";

/** The engines that serve one configuration of an endpoint. */
export interface Fleet {
  readonly configName: string;
  readonly variants: readonly FleetVariant[];
  /** Ends it after what it has begun: an invocation takes 60 seconds at most. */
  stop(graceMilliseconds?: number): Promise<void>;
}

export interface FleetVariant {
  readonly name: string;
  weight: number;
  readonly engine: Engine;
  readonly counts: VariantCounts;
  readonly serverless?: boolean;
  /** Of the smooth weighted round robin. */
  credit: number;
}

/** An endpoint as the runtime's door sees it: what serves, or the promise of it. */
export interface LiveEndpoint {
  fleet: Fleet | undefined;
  /** Set while what served before a restart is loaded again: requests wait for it. */
  loading: Promise<Fleet> | undefined;
  /** Ends the work that is under way for this endpoint. */
  readonly work: Set<AbortController>;
}

/** Every endpoint of this server, by place: shared by the two doors, `sagemaker` and `sagemaker-runtime`. */
export interface Endpoints {
  find(account: string, region: string, name: string): LiveEndpoint | undefined;
  open(account: string, region: string, name: string): LiveEndpoint;
  close(account: string, region: string, name: string): LiveEndpoint | undefined;
}

export const endpoints: Live<Endpoints & { readonly all: Map<string, LiveEndpoint> }> = {
  name: "sagemaker.endpoints",
  create() {
    const all = new Map<string, LiveEndpoint>();
    const find = (account: string, region: string, name: string) => all.get(keyOf(account, region, name));
    return {
      all,
      find,
      open(account, region, name) {
        const found = find(account, region, name);
        if (found) return found;
        const made: LiveEndpoint = { fleet: undefined, loading: undefined, work: new Set() };
        all.set(keyOf(account, region, name), made);
        return made;
      },
      close(account, region, name) {
        const found = find(account, region, name);
        all.delete(keyOf(account, region, name));
        return found;
      },
    };
  },
  async dispose({ all }) {
    await Promise.allSettled([...all.values()].map(({ fleet }) => fleet?.stop(SHUTDOWN_MILLISECONDS)));
  },
};

const SHUTDOWN_MILLISECONDS = 1000;

/** The variant that takes the next request: shares follow the weights without chance playing a part. */
export function nextVariant(fleet: Fleet): FleetVariant {
  const [only] = fleet.variants;
  if (!only) throw new Error("A fleet without variants.");
  if (fleet.variants.length === 1) return only;
  let total = 0;
  let best = only;
  for (const variant of fleet.variants) {
    variant.credit += variant.weight;
    total += variant.weight;
    if (variant.credit > best.credit) best = variant;
  }
  best.credit -= total;
  return best;
}

function keyOf(account: string, region: string, name: string): string {
  return `${account}/${region}/${name.toLowerCase()}`;
}
