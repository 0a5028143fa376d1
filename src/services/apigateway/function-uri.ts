import { parseArn } from "#core";

const FUNCTION_PATH = /^path\/2015-03-31\/functions\/(.+)\/invocations$/;

/** The function that the URI of an integration names; it may hold `${stageVariables.name}`. */
export function findFunction(uri: string): string | undefined {
  const arn = parseArn(uri);
  return arn?.service === "apigateway" && arn.account === "lambda" ? FUNCTION_PATH.exec(arn.resource)?.[1] : undefined;
}
