export type { Health } from "./console/contract.ts";
export { type RunningServer, type ServerOptions, startServer } from "./start-server.ts";
