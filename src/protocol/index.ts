export type { OperationModel, ServiceMetadata, ServiceModel, ShapeModel, ShapeRef } from "./model.ts";
export type { At, Incoming, Members, Protocol, WireRequest, WireResponse } from "./wire.ts";
export type { Quirks } from "./quirks.ts";
export { AwsFault, fault, type FaultDetails } from "./fault.ts";
export { createRouter, type Peek, type Route, type RoutedService, type Router } from "./route.ts";
export { guessProtocol } from "./protocols/choose.ts";
export { isStreamingInput } from "./plan.ts";
export { validate } from "./validate.ts";
export {
  type KeyFinder,
  type SecretKey,
  type Verified,
  verifySignature,
  type VerifyOptions,
} from "./signing/verify.ts";
export { refused as signatureRefused } from "./signing/faults.ts";
export { assertChecksums, decodePayload, trailersOf } from "./signing/payload.ts";
