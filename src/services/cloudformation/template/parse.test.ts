import { expect, test } from "vitest";
import { parseTemplate } from "./parse.ts";

test("JSON and YAML with short forms give the same template", () => {
  const yaml = parseTemplate(`
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub "\${AWS::StackName}-x"
      Tags: !If [Some, !Ref Name, !GetAtt Other.Arn]
      Joined: !Join ["-", [a, !Ref Name]]
      Mapped: !Sub
        - "\${x}"
        - x: 1
`);
  expect(yaml.resources["Bucket"]?.Properties).toEqual({
    BucketName: { "Fn::Sub": "${AWS::StackName}-x" },
    Tags: { "Fn::If": ["Some", { Ref: "Name" }, { "Fn::GetAtt": ["Other", "Arn"] }] },
    Joined: { "Fn::Join": ["-", ["a", { Ref: "Name" }]] },
    Mapped: { "Fn::Sub": ["${x}", { x: 1 }] },
  });
});

test.each([
  ["{", "JSON not well-formed"],
  ["{}", "At least one Resources member"],
  ['{"Resources": {"A": {}}}', "must contain a Type member"],
  ['{"Resources": {"a-b": {"Type": "AWS::S3::Bucket"}}}', "non alphanumeric"],
  ['{"Resource": {}, "Resources": {"A": {"Type": "x"}}}', "Unsupported sections: [Resource]"],
])("refuses %s", (text, sentence) => {
  expect(() => parseTemplate(text)).toThrow(sentence);
});
