export { type Cost, type CostLine, dollars, type Total, unitPrice } from "./cost.ts";
export { hostCost } from "./host-cost.ts";
export { DEFAULT_REQUESTS, foreseenCost, projectCost } from "./project-cost.ts";
