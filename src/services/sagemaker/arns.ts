import { formatArn, parseArn } from "#core";

interface Place {
  readonly account: string;
  readonly region: string;
}

/** `arn:aws:sagemaker:region:account:kind/name`. AWS: names appear in lower case, whatever the caller wrote. */
export function sagemakerArn({ account, region }: Place, kind: string, name: string): string {
  return formatArn({ service: "sagemaker", region, account, resource: `${kind}/${name.toLowerCase()}` });
}

/** A name as given, or the name in an ARN of that kind. */
export function nameIn(kind: string, nameOrArn: string): string {
  const resource = parseArn(nameOrArn)?.resource;
  return resource?.startsWith(`${kind}/`) ? resource.slice(kind.length + 1) : nameOrArn;
}
