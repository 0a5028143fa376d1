/** AWS's C2J form of a service, as in models/<service>.json; only what the wire needs. */
export interface ServiceModel {
  readonly source?: string;
  readonly metadata: ServiceMetadata;
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, ShapeModel>>;
}

export interface ServiceMetadata {
  readonly apiVersion: string;
  readonly protocol: string;
  readonly protocols?: readonly string[];
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly serviceId?: string;
  readonly serviceFullName?: string;
  readonly serviceAbbreviation?: string;
  readonly endpointPrefix?: string;
  readonly signingName?: string;
  readonly xmlNamespace?: string | XmlNamespace;
  /** Errors answer with `x-amzn-query-error` too, for clients made for the service's older Query API. */
  readonly awsQueryCompatible?: object;
  /** Errors stand at the root, without `<ErrorResponse>`. */
  readonly noErrorWrapping?: boolean;
}

export interface OperationModel {
  readonly name: string;
  readonly http: { readonly method: string; readonly requestUri: string; readonly responseCode?: number };
  readonly input?: ShapeRef;
  readonly output?: ShapeRef & { readonly resultWrapper?: string };
  readonly errors?: readonly ShapeRef[];
  readonly httpChecksum?: object;
  readonly requestcompression?: { readonly encodings: readonly string[] };
  /** What tells a pruned operation from another with the same method and path: `header:name` or `querystring:name`. */
  readonly requires?: readonly string[];
  /** The output's only member is written as the root element. */
  readonly unwrappedXmlOutput?: boolean;
  readonly authtype?: string;
}

/** A use of a shape, with what is said of this use only. */
export interface ShapeRef {
  readonly shape: string;
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode";
  readonly locationName?: string;
  readonly queryName?: string;
  readonly streaming?: boolean;
  readonly flattened?: boolean;
  readonly xmlNamespace?: string | XmlNamespace;
  readonly xmlAttribute?: boolean;
  readonly timestampFormat?: string;
  readonly jsonvalue?: boolean;
  readonly hostLabel?: boolean;
  readonly idempotencyToken?: boolean;
  readonly eventpayload?: boolean;
  readonly eventheader?: boolean;
}

export interface XmlNamespace {
  readonly uri: string;
  readonly prefix?: string;
}

export interface ShapeModel {
  readonly type: string;
  readonly members?: Readonly<Record<string, ShapeRef>>;
  readonly required?: readonly string[];
  readonly member?: ShapeRef;
  readonly key?: ShapeRef;
  readonly value?: ShapeRef;
  readonly payload?: string;
  readonly locationName?: string;
  readonly flattened?: boolean;
  readonly streaming?: boolean;
  readonly xmlNamespace?: string | XmlNamespace;
  readonly timestampFormat?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly min?: number;
  readonly max?: number;
  readonly exception?: boolean;
  readonly fault?: boolean;
  readonly error?: { readonly code?: string; readonly httpStatusCode?: number; readonly senderFault?: boolean };
  readonly document?: boolean;
  readonly union?: boolean;
  readonly sensitive?: boolean;
  readonly eventstream?: boolean;
  readonly event?: boolean;
}

export function requireShape(model: ServiceModel, name: string): ShapeModel {
  const shape = model.shapes[name];
  if (!shape) throw new Error(`The model ${model.metadata.serviceId ?? ""} has no shape ${name}.`);
  return shape;
}

export function requireOperation(model: ServiceModel, name: string): OperationModel {
  const operation = model.operations[name];
  if (!operation) throw new Error(`The model ${model.metadata.serviceId ?? ""} has no operation ${name}.`);
  return operation;
}

export function requireRef(ref: ShapeRef | undefined): ShapeRef {
  if (!ref) throw new Error("A list or map of the model has no member.");
  return ref;
}
