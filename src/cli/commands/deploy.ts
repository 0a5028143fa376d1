import { cacheFolder, deployModel, holdProject, readModel } from "#app";
import { type Command, naming, textFlag } from "../command.ts";
import { changing, going, hosting, preparedDestination } from "../destination.ts";
import { createProgress } from "../render/progress.ts";
import { saySummary, toJson } from "../render/summary.ts";

export const deploy: Command = {
  name: "deploy",
  takes: "model",
  summary: "bring a model that exists already up to a URL: .joblib .pkl .json .ubj .txt .onnx .tar.gz",
  most: 1,
  options: {
    example: { type: "string", value: "FILE", says: "rows that show the fields: .csv .tsv .json .ndjson .parquet" },
    classes: { type: "string", value: "A,B", says: "the labels of the model's classes, in its order" },
    target: { type: "string", value: "NAME", says: "what is predicted, when the example does not say" },
    requirements: { type: "string", value: "FILE", says: "a requirements.txt of what the model needs" },
    on: {
      type: "string",
      value: "WAY",
      says: "how it is served: endpoint (default), serverless, or inside the lambda",
    },
    ...naming,
    ...going,
    ...changing,
    ...hosting,
  },
  async run(call) {
    const { config, output, signal } = call;
    const given = readModel({
      model: call.words[0],
      name: textFlag(call, "name"),
      stage: textFlag(call, "stage"),
      example: textFlag(call, "example"),
      classes: textFlag(call, "classes"),
      target: textFlag(call, "target"),
      requirements: textFlag(call, "requirements"),
      on: textFlag(call, "on"),
    });
    using _held = await holdProject(config, given.name, {
      signal,
      onWait: (message) => output.note(`  … ${message}`),
    });
    const view = createProgress(output);
    try {
      const destination = await preparedDestination(call, { name: given.name }, view);
      const { target } = destination;
      const options = { assets: config.assets, cache: cacheFolder(config), signal, onProgress: view.show };
      const summary = await deployModel(target, given, options);
      view.end();
      saySummary(output, summary, destination);
      output.data(toJson(summary, destination));
    } finally {
      view.end();
    }
  },
};
