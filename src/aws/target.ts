/** Where a project lives: AWS itself, or a server that speaks its API. Everything above receives one and cannot tell which. */
export interface Target {
  /** What people see, e.g. `embedded` or `aws`. */
  readonly name: string;
  readonly region: string;
  /** Asked of STS when absent. */
  readonly account?: string;
  /** Absent: AWS's own addresses. */
  readonly endpoint?: string;
  /** Absent only without an endpoint: then AWS's default chain. */
  readonly credentials?: Credentials;
  /** The certificate (PEM) that the endpoint must show: it and no other is trusted, whatever its name. */
  readonly ca?: string;
  /** What the functions' native code must run on, e.g. `linux-x64`; AWS's is the default. */
  readonly functionPlatform?: string;
  /** The bucket is told what AWS's own does when asked: encryption, versions, TLS only, an end to what was cut off. */
  readonly securesBucket?: boolean;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** Where a stage of a REST API answers. */
export function invokeUrl(
  target: Target,
  api: { readonly id: string; readonly stage: string; readonly path: string },
): string {
  if (target.endpoint !== undefined)
    return `${target.endpoint.replace(/\/$/, "")}/_aws/execute-api/${api.id}/${api.stage}${api.path}`;
  return `https://${api.id}.execute-api.${target.region}.${dnsSuffix(target.region)}/${api.stage}${api.path}`;
}

export function dnsSuffix(region: string): string {
  return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
}
