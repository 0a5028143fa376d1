/** What answers the requests of one variant, by the contract of a serving container. */
export interface Engine {
  /** `native`: scored in this process. `container`: by Python workers in the image's runtime. */
  readonly kind: "native" | "container";
  /** Never throws for what the container answers, whatever its status. */
  invoke(request: EngineRequest): EngineReply | Promise<EngineReply>;
  /** Lets the running requests end, for so long at most, then frees everything. */
  stop(graceMilliseconds: number): Promise<void>;
}

export interface EngineRequest {
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
  readonly customAttributes: string | undefined;
  readonly inferenceId: string | undefined;
  /** How long a container may take; a minute unless it is said here. */
  readonly milliseconds?: number;
}

export interface EngineReply {
  readonly status: number;
  readonly body: string | Uint8Array;
  readonly contentType: string | undefined;
  readonly customAttributes?: string | undefined;
}

/** Why a variant cannot serve; a person reads it as the endpoint's FailureReason. */
export class EngineFailure extends Error {}

/** Where a container's lines go. */
export type WriteLine = (line: string) => void;
