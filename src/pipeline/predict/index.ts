export { type Prediction, predictRows } from "./predict.ts";
export type { PredictionFormat, PredictRequest } from "./request.ts";
