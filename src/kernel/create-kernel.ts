import { join } from "node:path";
import { type Clock, type Ids, randomIds, systemClock } from "#core";
import type { AccessKey, Authorizer, Keyring } from "./authorizer.ts";
import { openFileBlobs } from "./blobs/file-blobs.ts";
import { createContext } from "./create-context.ts";
import { handle } from "./handle.ts";
import { createJournal } from "./journal.ts";
import type { Kernel, Live } from "./context.ts";
import { openRootKey } from "./keyring.ts";
import type { Machinery } from "./machinery.ts";
import { createMetrics } from "./metrics.ts";
import { rootPrincipal } from "./principal.ts";
import { createRegistry, type Databases, type Registry } from "./registry.ts";
import type { AnyService } from "./service.ts";
import type { Settings } from "./settings.ts";
import { openDatabase } from "./tables/index.ts";
import { takeSnapshot } from "./snapshot.ts";
import { createTasks } from "./tasks.ts";

export interface KernelOptions {
  readonly settings: Settings;
  readonly services: readonly AnyService[];
  readonly clock?: Clock;
  readonly ids?: Ids;
  /** Where failures that are our own bugs are told. */
  readonly report: (where: string, error: unknown) => void;
}

/** Opens the state in `settings.home` and starts the services. Give it the endpoint with `listening` once it is known. */
export async function createKernel(
  options: KernelOptions,
): Promise<
  Kernel & { readonly rootKey: AccessKey & { readonly accessKeyId: string }; listening(endpoint: string): void }
> {
  const { settings, report, ids = randomIds } = options;
  const interrupted: string[] = [];
  const databases = openDatabases(settings.home, interrupted);
  const registry = createRegistry(options.services, databases, settings.assets);
  const rootKey = openRootKey(settings.home, settings.account, ids);
  const tasks = createTasks(report);
  const live = createLives();
  let endpoint = `http://${settings.host}:${settings.port}`;

  const kernel: Kernel = {
    settings,
    clock: options.clock ?? systemClock,
    ids,
    blobs: openFileBlobs(join(settings.home, "blobs")),
    tasks,
    journal: createJournal(),
    metrics: createMetrics(),
    interrupted,
    get endpoint() {
      return endpoint;
    },
    live: (definition) => live.get(definition, kernel),
    transaction: (work) => databases.full.transaction(work),
    commit: (work) => databases.full.commit(work),
    context(service, principal, region = settings.region) {
      const of = registry.find(service);
      if (!of) throw new Error(`No service ${service} in this kernel.`);
      return createContext(machinery, of, { principal, region, requestId: ids.uuid() });
    },
    resourceHandler: (type) => findResource(registry, type),
    handle: (request, body) => handle(machinery, request, body),
    snapshot: (folder) => takeSnapshot(settings.home, databases, folder),
    async stop() {
      await tasks.stop();
      await live.dispose();
      databases.full.close();
      databases.relaxed.close();
    },
  };
  const machinery: Machinery = {
    kernel,
    registry,
    keyring: { find: (id) => (id === rootKey.accessKeyId ? rootKey : sessions.find(id)) },
    authorizer: requireAuthorizer(registry),
    journal: kernel.journal,
    report,
  };
  const sessions = openSessions(machinery);
  await startServices(machinery);
  return Object.assign(kernel, {
    rootKey,
    listening(at: string) {
      endpoint = at;
    },
  });
}

function openDatabases(home: string, interrupted: string[]): Databases {
  return {
    full: openDatabase(join(home, "state.db"), "full", {
      onMigrated: (kept) =>
        interrupted.push(`The state was of an older version: it is migrated, and what it was is kept in ${kept}.`),
    }),
    relaxed: openDatabase(join(home, "logs.db"), "relaxed"),
  };
}

function findResource(registry: Registry, type: string) {
  for (const { service } of registry.all) {
    const handler = service.resources?.[type as `AWS::${string}`];
    if (handler) return handler;
  }
  return undefined;
}

/** Without IAM in the kernel (a test of one service), sessions may do nothing and services may do everything. */
function requireAuthorizer(registry: Registry): Authorizer {
  const found = registry.all.find(({ service }) => service.authorizer)?.service.authorizer;
  return (
    found ?? {
      decide: (principal) =>
        principal.type === "root" || principal.type === "service"
          ? { allowed: true }
          : { allowed: false, reason: "no identity-based policy allows" },
    }
  );
}

function openSessions(machinery: Machinery): Keyring {
  const holder = machinery.registry.all.find(({ service }) => service.keyring);
  if (!holder?.service.keyring) return { find: () => undefined };
  return holder.service.keyring(serviceContext(machinery, holder.service.name) as never);
}

async function startServices(machinery: Machinery): Promise<void> {
  for (const { service } of machinery.registry.all) {
    await service.start?.(serviceContext(machinery, service.name) as never);
  }
}

function serviceContext(machinery: Machinery, name: AnyService["name"]) {
  return machinery.kernel.context(name, rootPrincipal(machinery.kernel.settings.account));
}

function createLives() {
  const made = new Map<string, { value: unknown; dispose: () => void | Promise<void> }>();
  return {
    get<T>(definition: Live<T>, kernel: Kernel): T {
      const found = made.get(definition.name);
      if (found) return found.value as T;
      const value = definition.create(kernel);
      made.set(definition.name, { value, dispose: () => definition.dispose?.(value) });
      return value;
    },
    async dispose() {
      for (const { dispose } of [...made.values()].reverse()) await dispose();
      made.clear();
    },
  };
}
