/** A failure that goes on the wire. Only services (and this module) make them. */
export class AwsFault extends Error {
  /** As on the wire, e.g. `NoSuchBucket`, `ValidationException`. */
  readonly code: string;
  /** Undefined: what the model says for this code, else 400. */
  readonly status: number | undefined;
  /** Modeled members of the error, e.g. `{ OriginalStatusCode: 500 }`. */
  readonly members: Readonly<Record<string, unknown>> | undefined;
  /** The seconds after which it is worth asking again, for the header that SDKs wait by. */
  readonly retryAfter: number | undefined;
  /** What the answer says beside the fault, by lower-case name. */
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: string, message: string, details: FaultDetails = {}) {
    super(message);
    this.name = "AwsFault";
    this.code = code;
    this.status = details.status;
    this.members = details.members;
    this.retryAfter = details.retryAfter;
    this.headers = details.headers;
  }

  /** Whether the sender can cure it. */
  get sender(): boolean {
    return (this.status ?? 400) < 500;
  }
}

export interface FaultDetails {
  readonly status?: number;
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfter?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function fault(code: string, message: string, details?: FaultDetails): AwsFault {
  return new AwsFault(code, message, details);
}
