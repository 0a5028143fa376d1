import { formatArn, parseArn } from "#core";
import type { Context } from "#kernel";
import { functionNotFound, invalidParameter } from "./faults.ts";
import type { FunctionRow, LambdaTables } from "./state.ts";

type Place = { readonly region: string; readonly account: string };

/** The name in `name`, `account:function:name` or an ARN, with or without a qualifier. */
export function parseFunctionName(text: string): { name: string; qualifier: string | undefined } {
  const resource = parseArn(text)?.resource ?? text.replace(/^\d{12}:/, "");
  const [name = "", qualifier] = resource.replace(/^function:/, "").split(":");
  return { name, qualifier };
}

export function functionArn(name: string, at: Place): string {
  return formatArn({ service: "lambda", region: at.region, account: at.account, resource: `function:${name}` });
}

/** Throws AWS's not-found fault, also for a version or an alias: there is only `$LATEST`. */
export function requireFunction(ctx: Context<LambdaTables>, text: string, qualifier?: string): FunctionRow {
  const parsed = parseFunctionName(text);
  const asked = qualifier ?? parsed.qualifier;
  if (qualifier !== undefined && parsed.qualifier !== undefined && qualifier !== parsed.qualifier) {
    throw invalidParameter(`The derived qualifier from the function name does not match the specified qualifier.`);
  }
  const row = ctx.tables.functions.get(parsed.name);
  const arn = functionArn(parsed.name, ctx);
  if (!row) throw functionNotFound(asked === undefined ? arn : `${arn}:${asked}`);
  if (asked !== undefined && asked !== "$LATEST") throw functionNotFound(`${arn}:${asked}`);
  return row;
}
