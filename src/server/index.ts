export type { Health } from "./console/contract.ts";
export { describeHost, type Finding } from "./host.ts";
export type { TlsDoor } from "./listen.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
