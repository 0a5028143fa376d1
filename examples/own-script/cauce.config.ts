import { defineProject } from "cauce";

export default defineProject({
  name: "penguins",
  data: { source: "data/penguins.csv", target: "species" },
  train: { script: "train.py", hyperparameters: { "n-estimators": 200, "min-samples-leaf": 2 } },
  evaluate: { metric: "accuracy", atLeast: 0.9 },
});
