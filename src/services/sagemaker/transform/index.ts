export { transformOperations } from "./operations.ts";
export { transformPermissions } from "./permissions.ts";
export { startTransforms } from "./start.ts";
export { transformTables } from "./state.ts";
