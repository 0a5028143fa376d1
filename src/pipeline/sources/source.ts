import type { Clients } from "#aws";

/** Where a project's table is, by content. */
export interface Source {
  readonly name: string;
  /** Of all that is read. */
  readonly sha256: string;
  /** Files on this disk that are put into the bucket; several are read together. */
  readonly files: readonly { readonly name: string; readonly file: string }[];
  /** Several, although there may be one only. */
  readonly folder: boolean;
  /** It lies in S3 already, and stays there. */
  readonly uri?: string;
}

export interface SourcePlaces {
  /** What a path is relative to. */
  readonly folder: string;
  /** Ours, for what is read out of a database. */
  readonly cache: string;
  /** To look at a source in S3; without it, its content is taken for unknown. */
  readonly aws?: Clients;
}

/** What the rest of the pipeline knows of it. */
export interface SourceContents {
  readonly name: string;
  readonly sha256: string;
  /** Several files that are read together. */
  readonly folder?: boolean;
  /** It lies in S3 already, and stays there. */
  readonly uri?: string;
}
