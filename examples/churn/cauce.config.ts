import { defineProject } from "cauce";

export default defineProject({
  name: "churn",
  data: { source: "data/customers.xlsx", target: "Churn", ignore: ["customerID"] },
  train: { algorithm: "xgboost" },
  evaluate: { metric: "auc", atLeast: 0.8 },
  deploy: { instances: 1, type: "ml.m5.large" },
  api: { path: "/predict", stage: "prod", cors: ["*"] },
});
