export { accountOf } from "./account.ts";
export {
  AwsAnswer,
  callAws,
  type CallAnswer,
  type Caller,
  callerFromEnvironment,
  type CallerSettings,
  type CallRequest,
} from "./call.ts";
export { chainTarget, type ChainTarget } from "./chain.ts";
export type { Clients } from "./clients.ts";
export { callEc2, callIam, elementsOf } from "./query.ts";
export { callJson } from "./json.ts";
export { canonicalQuery, encode, sign, type SignedRequest } from "./sigv4.ts";
export { type Credentials, invokeUrl, type Target } from "./target.ts";
export { askUrl, type UrlRequest } from "./pinned.ts";
export { upload } from "./upload.ts";
export { type FileUpload, ONE_REQUEST, uploadFile } from "./upload-file.ts";
export { isAwsError, poll } from "./wait.ts";
export { withClients } from "./with-clients.ts";
