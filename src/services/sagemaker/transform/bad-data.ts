/** Why an object has no output; the job goes on with the others. `kind` begins the job's FailureReason. */
export class BadData extends Error {
  readonly kind: "ClientError" | "AlgorithmError";
  constructor(message: string, kind: "ClientError" | "AlgorithmError" = "ClientError") {
    super(message);
    this.kind = kind;
  }
}
