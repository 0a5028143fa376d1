import { createRouter, type Quirks, type Router, type ServiceModel } from "#protocol";
import { readModel } from "./models.ts";
import type { OpenTables, Table, TableSpecs } from "./tables/index.ts";
import type { Database } from "./tables/index.ts";
import type { AnyService, HttpDoor } from "./service.ts";

/** A service with its model, as the kernel holds it. */
export interface Registered {
  readonly service: AnyService;
  readonly model: ServiceModel;
  readonly quirks: Quirks;
  /** What the model's metadata says is the prefix of its actions, unless the service knows better. */
  readonly iamPrefix: string;
  tables(account: string, region: string): OpenTables<TableSpecs>;
}

export interface Registry {
  readonly all: readonly Registered[];
  /** Of those that take requests that are no AWS API calls. */
  readonly doors: readonly { readonly of: Registered; readonly http: HttpDoor<never> }[];
  readonly route: Router;
  find(name: string): Registered | undefined;
}

export interface Databases {
  readonly full: Database;
  readonly relaxed: Database;
}

export function createRegistry(services: readonly AnyService[], databases: Databases, assets: string): Registry {
  const all = services.map((service) => register(service, databases, assets));
  const byName = new Map(all.map((one) => [one.service.name as string, one]));
  const doors = all.flatMap((of) => (of.service.http ? [{ of, http: of.service.http }] : []));
  return { all, doors, route: createRouter(byName), find: (name) => byName.get(name) };
}

function register(service: AnyService, databases: Databases, assets: string): Registered {
  const opened = new Map<string, OpenTables<TableSpecs>>();
  return {
    service,
    model: readModel(assets, service.name),
    quirks: service.quirks ?? {},
    iamPrefix: service.iamPrefix ?? service.name,
    tables(account, region) {
      const scope = `${account}/${region}`;
      let tables = opened.get(scope);
      if (!tables) opened.set(scope, (tables = open(service, databases, { account, region })));
      return tables;
    },
  };
}

function open(
  service: AnyService,
  databases: Databases,
  at: { account: string; region: string },
): OpenTables<TableSpecs> {
  const tables: Record<string, Table<unknown>> = {};
  for (const [name, spec] of Object.entries(service.tables)) {
    const scope = spec.scope === "region" ? `${at.account}/${at.region}` : at.account;
    tables[name] = databases[spec.durability].table(`${service.name}.${name}`, scope, spec);
  }
  return tables;
}
