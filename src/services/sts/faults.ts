import { type AwsFault, fault } from "#protocol";

export const validationError = (message: string): AwsFault => fault("ValidationError", message, { status: 400 });
export const malformedPolicy = (message: string): AwsFault =>
  fault("MalformedPolicyDocument", message, { status: 400 });
export const packedPolicyTooLarge = (): AwsFault =>
  fault("PackedPolicyTooLarge", "Packed size of session tags consumes 100% or more of the allotted space.", {
    status: 400,
  });
export const accessDenied = (action: string): AwsFault =>
  fault("AccessDenied", `Not authorized to perform ${action}`, { status: 403 });
export const invalidIdentityToken = (message: string): AwsFault =>
  fault("InvalidIdentityToken", message, { status: 400 });
export const expiredToken = (message: string): AwsFault => fault("ExpiredTokenException", message, { status: 400 });
export const notBuilt = (what: string): AwsFault =>
  fault("NotImplemented", `Cauce does not implement ${what}.`, { status: 501 });
