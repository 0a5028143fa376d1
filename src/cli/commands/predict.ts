import { cacheFolder, predictionFile, predictRows } from "#app";
import { type Command, naming, reading, textFlag } from "../command.ts";
import { destinationOf, going, projectNamed } from "../destination.ts";
import { sayPrediction } from "../render/prediction.ts";
import { createProgress } from "../render/progress.ts";

export const predict: Command = {
  name: "predict",
  takes: "table",
  summary: "predict every row of a table: a column of predictions beside its own",
  most: 1,
  options: {
    out: {
      type: "string",
      short: "o",
      value: "FILE",
      says: "where to: .csv .tsv .json .ndjson .parquet .xlsx, also s3://",
    },
    ...reading,
    ...naming,
    ...going,
  },
  async run(call) {
    const { config, output, signal, words } = call;
    const file = predictionFile({ rows: words[0], out: textFlag(call, "out"), table: textFlag(call, "table") });
    const { target } = await destinationOf(call);
    const project = await projectNamed(call, target);
    const view = createProgress(output);
    try {
      const data = {
        source: file.rows,
        ...said("sheet", textFlag(call, "sheet")),
        ...said("table", textFlag(call, "table")),
        ...said("query", textFlag(call, "query")),
        header: call.flags["no-header"] !== true,
      };
      const request = { data, folder: process.cwd(), cache: cacheFolder(config), out: file.out, format: file.format };
      const made = await predictRows(target, project, request, { signal, onProgress: view.show });
      view.end();
      sayPrediction(output, made);
      output.data({ project, ...made });
    } finally {
      view.end();
    }
  },
};

function said<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string });
}
