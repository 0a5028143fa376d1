/** What a server is told at its start. */
export interface Settings {
  /** `CAUCE_HOME`: state, runtimes, credentials. Absolute. */
  readonly home: string;
  /** Folders that jobs and functions must not see, besides the home: the home of the server that this one is an instance of. */
  readonly hidden?: readonly string[];
  readonly account: string;
  /** The region of requests that do not say. */
  readonly region: string;
  readonly host: string;
  readonly port: number;
  /** Root of what ships with Cauce: `models/`, `python/`, runtimes. Absolute. */
  readonly assets: string;
}
