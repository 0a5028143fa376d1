import { describe, expect, it } from "vitest";
import { readRow, writeRow } from "./csv-row.ts";
import { readProcessing } from "./data-processing.ts";
import type { TransformRequest } from "./state.ts";

const processing = (ContentType: string, DataProcessing: TransformRequest["DataProcessing"]) =>
  readProcessing({ TransformInput: { ContentType }, DataProcessing } as unknown as TransformRequest);

describe("CSV", () => {
  const read = processing("text/csv", { InputFilter: "$[1:]", JoinSource: "Input", OutputFilter: "$[0,-1]" });
  it("gives the model its columns, and keeps those that are asked for", () => {
    expect(read?.toInput('7,"a ""b"", c",3')).toBe('"a ""b"", c",3');
    expect(read?.toOutput?.("7,a,3", "0.25")).toBe("7,0.25");
  });
  it("is read and written as the RFC has it", () => {
    for (const line of ["", "a", "a,,b,", '"a,b",c', '"say ""yes""",', '"",""']) {
      const cells = readRow(line);
      expect(readRow(writeRow(cells))).toEqual(cells);
    }
    expect(readRow('a,"b,""c""",,"d"')).toEqual(["a", 'b,"c"', "", "d"]);
    expect(readRow(",")).toEqual(["", ""]);
  });
});

describe("JSON", () => {
  it("joins an object with its answer, and leaves its numbers as they were written", () => {
    const read = processing("application/json", { JoinSource: "Input" });
    expect(read?.toInput('{"id": 12345678901234567890}')).toBe('{"id": 12345678901234567890}');
    expect(read?.toOutput?.('{"id": 12345678901234567890} ', '{"a":\n1}')).toBe(
      '{"id": 12345678901234567890,"SageMakerOutput":{"a":1}}',
    );
    expect(read?.toOutput?.("{}", "1")).toBe('{"SageMakerOutput":1}');
    expect(read?.toOutput?.('{"SageMakerOutput":0}', "1")).toBe('{"SageMakerOutput":1}');
    expect(read?.toOutput?.("[1, 2]", "1")).toBe('{"SageMakerInput":[1, 2],"SageMakerOutput":1}');
  });
  it("is filtered before and after", () => {
    const read = processing("application/jsonlines", {
      InputFilter: "$.features",
      JoinSource: "Input",
      OutputFilter: "$['id','SageMakerOutput']",
    });
    expect(read?.toInput('{"id":1,"features":{"a":2}}')).toBe('{"a":2}');
    expect(read?.toOutput?.('{"id":1,"features":{"a":2}}', '{"p":0.5}')).toBe('{"id":1,"SageMakerOutput":{"p":0.5}}');
    expect(() => read?.toInput('{"id":1}')).toThrow("InputFilter $.features finds nothing in a record.");
    expect(() => read?.toInput("{")).toThrow("A record of the input is not JSON: {");
  });
  it("is nothing when nothing is asked for", () => {
    expect(processing("text/csv", { InputFilter: "$", OutputFilter: "$", JoinSource: "None" })).toBeUndefined();
  });
});
