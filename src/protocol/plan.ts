import { textReader, textWriter, type ReadText, type WriteText } from "./codecs/scalar.ts";
import {
  requireOperation,
  requireShape,
  type OperationModel,
  type ServiceModel,
  type ShapeModel,
  type ShapeRef,
} from "./model.ts";

/** One member that travels outside the body. */
export interface Binding {
  readonly member: string;
  readonly wire: string;
  /** `wire` in lower case. */
  readonly header: string;
  readonly ref: ShapeRef;
  readonly shape: ShapeModel;
  readonly read: ReadText;
  readonly write: WriteText;
  /** For lists (of header and query values) and maps (of a whole query, of prefixed headers): their inner part. */
  readonly inner: Binding | undefined;
}

export interface Payload {
  readonly member: string;
  readonly ref: ShapeRef;
  readonly kind: "blob" | "text" | "value";
  readonly streaming: boolean;
  /** The element's name in XML. */
  readonly element: string;
}

/** Where every member of an operation's input or output travels; made once. */
export interface Plan {
  readonly ref: ShapeRef;
  readonly shape: ShapeModel;
  readonly labels: readonly Binding[];
  readonly query: readonly Binding[];
  readonly queryMap: Binding | undefined;
  readonly headers: readonly Binding[];
  readonly prefixHeaders: Binding | undefined;
  readonly statusCode: string | undefined;
  readonly payload: Payload | undefined;
  /** Whether members are left for the body. */
  readonly body: boolean;
}

export interface OperationPlan {
  readonly operation: OperationModel;
  readonly input: Plan | undefined;
  readonly output: Plan | undefined;
}

const plans = new WeakMap<OperationModel, OperationPlan>();
const shapePlans = new WeakMap<ShapeModel, Plan>();

export function planOf(model: ServiceModel, name: string): OperationPlan {
  const operation = requireOperation(model, name);
  let plan = plans.get(operation);
  if (!plan) {
    plan = {
      operation,
      input: operation.input && shapePlan(model, operation.input),
      output: operation.output && shapePlan(model, operation.output),
    };
    plans.set(operation, plan);
  }
  return plan;
}

/** Whether the operation's payload reaches `parse` as a stream. */
export function isStreamingInput(model: ServiceModel, operation: string): boolean {
  return planOf(model, operation).input?.payload?.streaming === true;
}

/** The plan of an input, an output or an error shape. */
export function shapePlan(model: ServiceModel, ref: ShapeRef): Plan {
  const shape = requireShape(model, ref.shape);
  let plan = shapePlans.get(shape);
  if (!plan) shapePlans.set(shape, (plan = build(model, ref, shape)));
  return plan;
}

function build(model: ServiceModel, ref: ShapeRef, shape: ShapeModel): Plan {
  const all = Object.entries(shape.members ?? {});
  const at = (location: string, format: string) =>
    all.filter(([, member]) => member.location === location).map(([name, member]) => bind(model, name, member, format));
  const query = at("querystring", "iso8601");
  const payload = shape.payload ? payloadOf(model, shape.payload, shape) : undefined;
  return {
    ref,
    shape,
    labels: at("uri", "iso8601"),
    query: query.filter((binding) => binding.shape.type !== "map"),
    queryMap: query.find((binding) => binding.shape.type === "map"),
    headers: at("header", "rfc822"),
    prefixHeaders: at("headers", "rfc822")[0],
    statusCode: all.find(([, member]) => member.location === "statusCode")?.[0],
    payload,
    body: !payload && all.some(([, member]) => !member.location),
  };
}

function bind(model: ServiceModel, member: string, ref: ShapeRef, format: string): Binding {
  const shape = requireShape(model, ref.shape);
  const innerRef = shape.type === "map" ? shape.value : shape.member;
  const wire = ref.locationName ?? member;
  return {
    member,
    wire,
    header: wire.toLowerCase(),
    ref,
    shape,
    read: textReader(model, ref, "SerializationException"),
    write: textWriter(model, ref, format),
    inner: innerRef && bind(model, member, innerRef, format),
  };
}

function payloadOf(model: ServiceModel, member: string, shape: ShapeModel): Payload | undefined {
  const ref = shape.members?.[member];
  if (!ref) return undefined;
  const target = requireShape(model, ref.shape);
  return {
    member,
    ref,
    kind: target.type === "blob" ? "blob" : target.type === "string" ? "text" : "value",
    streaming: target.type === "blob" && (ref.streaming === true || target.streaming === true),
    element: ref.locationName ?? target.locationName ?? ref.shape,
  };
}
