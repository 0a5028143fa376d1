import { telcoArchive, telcoRecords } from "../sagemaker-hosting/archives.ts";
import { type HostingTarget, openTarget } from "../sagemaker-hosting/hosting-target.ts";

const MINUTE = 60_000;

export interface Scaled extends Pick<HostingTarget, "cauce" | "sagemaker" | "iam" | "role"> {
  /** Lets a client live by the server's clock. */
  on<Client extends { readonly config: object }>(client: Client): Client;
  pass(minutes: number): void;
  invoke(times: number): Promise<void>;
  /** As they are and as they shall be. */
  instances(): Promise<(number | undefined)[]>;
}

/** The endpoint `churn` on a server whose clock the test moves; it stands in the first half of a minute, so that none ends by itself. */
export async function openScaled(): Promise<Scaled> {
  let jumped = MINUTE / 6 - (Date.now() % MINUTE);
  const target = await openTarget({ clock: { now: () => new Date(Date.now() + jumped) } });
  const { cauce, sagemaker, runtime, iam, role } = target;
  const on: Scaled["on"] = (client) => {
    // The SDK would set it by the date of an answer, which is the machine's.
    Object.defineProperty(client.config, "systemClockOffset", { get: () => jumped, set: () => {} });
    return client;
  };
  for (const client of [sagemaker, runtime, iam]) on(client);
  await target.model("churn", telcoArchive());
  await sagemaker.createEndpoint({ EndpointName: "churn", EndpointConfigName: "churn" });
  await target.settled("churn");
  const [record] = telcoRecords();
  return {
    cauce,
    sagemaker,
    iam,
    role,
    on,
    pass(minutes) {
      jumped += minutes * MINUTE;
    },
    async invoke(times) {
      for (let i = 0; i < times; i++) await target.invoke("churn", record?.body ?? "");
    },
    async instances() {
      const { ProductionVariants: [variant] = [] } = await sagemaker.describeEndpoint({ EndpointName: "churn" });
      return [variant?.CurrentInstanceCount, variant?.DesiredInstanceCount];
    },
  };
}
