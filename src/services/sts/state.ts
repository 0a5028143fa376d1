import { type RolePrincipal, type RootPrincipal, table } from "#kernel";

/** Temporary credentials, keyed by their access key. */
export interface SessionRow {
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  /** Milliseconds since the epoch. */
  readonly expires: number;
  readonly principal: RolePrincipal | RootPrincipal;
}

export const stsTables = {
  // A power cut may cost the last sessions: their holders get new ones. Every job and every function opens some.
  sessions: table<SessionRow>({ scope: "account", durability: "relaxed" }),
};
