import type { Readable } from "node:stream";
import type { APIGateway } from "@aws-sdk/client-api-gateway";
import type { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import type { CloudFormation } from "@aws-sdk/client-cloudformation";
import type { CloudWatch } from "@aws-sdk/client-cloudwatch";
import type { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import type { EC2 } from "@aws-sdk/client-ec2";
import type { EventBridge } from "@aws-sdk/client-eventbridge";
import type { IAM } from "@aws-sdk/client-iam";
import type { Lambda } from "@aws-sdk/client-lambda";
import type { S3 } from "@aws-sdk/client-s3";
import type { SageMaker } from "@aws-sdk/client-sagemaker";
import type { SageMakerRuntime } from "@aws-sdk/client-sagemaker-runtime";
import type { SecretsManager } from "@aws-sdk/client-secrets-manager";
import type { ServiceQuotas } from "@aws-sdk/client-service-quotas";
import type { STS } from "@aws-sdk/client-sts";
import type { Principal } from "./principal.ts";

/** Every service, by the name of its model, with the official client that types its operations. */
export interface Clients {
  s3: S3;
  sts: STS;
  iam: IAM;
  lambda: Lambda;
  apigateway: APIGateway;
  "application-autoscaling": ApplicationAutoScaling;
  cloudformation: CloudFormation;
  cloudwatch: CloudWatch;
  ec2: EC2;
  events: EventBridge;
  sagemaker: SageMaker;
  "sagemaker-runtime": SageMakerRuntime;
  logs: CloudWatchLogs;
  secretsmanager: SecretsManager;
  "service-quotas": ServiceQuotas;
}

export type ServiceName = keyof Clients;

/** Every operation of an AWS service, keyed by its AWS name, typed by the official SDK. */
export type OperationsOf<Client> = {
  [K in keyof Client as K extends NotAnOperation ? never : Capitalize<K & string>]: Pair<Client[K]>;
};

export type OperationName<S extends ServiceName> = keyof OperationsOf<Clients[S]> & string;
export type InputOf<S extends ServiceName, O extends OperationName<S>> = OperationsOf<Clients[S]>[O] extends {
  input: infer I;
}
  ? I
  : never;
export type OutputOf<S extends ServiceName, O extends OperationName<S>> = OperationsOf<Clients[S]>[O] extends {
  output: infer T;
}
  ? T
  : never;

/** How one service asks another: through the same dispatch that a request takes. */
export type Call = <S extends ServiceName, O extends OperationName<S>>(
  service: S,
  operation: O,
  input: InputOf<S, O>,
  options?: CallOptions,
) => Promise<OutputOf<S, O>>;

export interface CallOptions {
  /** Asks as somebody else: a service, or a role session from `assume`. */
  readonly as?: Principal;
}

type NotAnOperation =
  | "config"
  | "initConfig"
  | "destroy"
  | "middlewareStack"
  | "send"
  | `paginate${string}`
  | `waitUntil${string}`;

/** Reads an SDK client's method overloads back into one (input, output) pair. */
type Pair<M> = M extends (args: infer I, options: never, callback: (error: never, data?: infer O) => void) => void
  ? { input: Present<I>; output: Writable<Omit<NonNullable<O>, "$metadata">> }
  : never;

/** What stays as it is, whatever its members. */
type Atom = string | number | boolean | bigint | Date | Uint8Array | Readable | undefined | null;

/** The SDK types a required input as `T | undefined`; validation has run before a handler, so here it is `T`. */
type Present<T> = Readable extends T
  ? // An interface without members takes a stream too, but also a number.
    number extends T
    ? T
    : Readable | Uint8Array | Extract<T, undefined>
  : T extends Atom
    ? T
    : T extends readonly (infer E)[]
      ? Present<E>[]
      : T extends object
        ? { [K in keyof T]: object extends Pick<T, K> ? Present<T[K]> : Present<Exclude<T[K], undefined>> }
        : T;

/** The SDK types a streamed output as its own mixin; a handler gives bytes, text or a stream. */
type Writable<T> = {
  [K in keyof T]: NonNullable<T[K]> extends { transformToString(encoding?: string): unknown }
    ? Readable | Uint8Array | string | undefined
    : T[K];
};
