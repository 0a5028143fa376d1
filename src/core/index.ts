export { type Clock, fixedClock, systemClock } from "./clock.ts";
export { type Ids, randomIds, seededIds } from "./ids.ts";
export { CauceError, type Explanation, messageOf } from "./errors.ts";
export { type Arn, formatArn, parseArn } from "./arn.ts";
export { canonicalJson, isRecord, type JsonObject, type JsonValue, parseJson } from "./json.ts";
export { sha256 } from "./digest.ts";
export { closest } from "./closest.ts";
export { findByPath, isJsonPath } from "./json-path.ts";
export { isRunning, markOf, type ProcessMark } from "./process-mark.ts";
