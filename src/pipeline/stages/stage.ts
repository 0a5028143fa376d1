import type { Step } from "../definition.ts";
import type { FunctionName, Names, Place } from "../names.ts";
import type { Resource } from "../template.ts";
import type { SourceContents } from "../sources/source.ts";
import type { ResolvedProject } from "../validate.ts";

/** A stage of the way from a table to a URL. It runs nothing: it contributes to what AWS is given. */
export interface Stage {
  readonly name: string;
  contribute(at: StageContext): Contribution;
}

export interface Contribution {
  /** Of the SageMaker pipeline, in order. */
  readonly steps?: readonly Step[];
  /** Of the CloudFormation template, by logical id. */
  readonly resources?: Readonly<Record<string, Resource>>;
  readonly outputs?: Readonly<Record<string, { readonly Description: string; readonly Value: unknown }>>;
}

export interface StageContext {
  readonly project: ResolvedProject;
  readonly place: Place;
  readonly names: Names;
  readonly image: string;
  /** Where the functions' code lies in the assets bucket. */
  readonly functionKeys: Readonly<Record<FunctionName, string>>;
  /** The address of the project's own scripts, when it has some: `sourcedir.tar.gz`, and `code/` with the same files. */
  readonly scriptsUri: string | undefined;
  /** How the table is called where it came from. */
  readonly sourceName: string;
  /** The table, when the project has one. */
  readonly source?: SourceContents;
}
