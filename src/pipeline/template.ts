/** A resource of a CloudFormation template. */
export interface Resource {
  readonly Type: `AWS::${string}`;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DependsOn?: string | readonly string[];
  readonly DeletionPolicy?: "Delete";
  readonly UpdateReplacePolicy?: "Delete";
}

export interface Template {
  readonly AWSTemplateFormatVersion: "2010-09-09";
  readonly Description: string;
  readonly Parameters?: Readonly<
    Record<string, { readonly Type: "String"; readonly Description: string; readonly Default: string }>
  >;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, { readonly Description: string; readonly Value: unknown }>>;
}
