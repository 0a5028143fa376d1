export type { Question } from "./question.ts";
export { isServer, readServer, snapshotName, withoutPassword } from "./server.ts";
export { type Cell, chooseTable, quoteName, refused, type Snapshot, snapshot } from "./snapshot.ts";
