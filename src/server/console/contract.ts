/** What `/_cauce/*` answers. Types only: Studio and the command line read these too. */
export interface Health {
  readonly version: string;
  readonly pid: number;
  readonly home: string;
  readonly account: string;
  readonly region: string;
  /** ISO 8601. */
  readonly started: string;
  /** What the start found unfinished. */
  readonly interrupted: readonly string[];
  readonly memory: { readonly residentBytes: number };
}
