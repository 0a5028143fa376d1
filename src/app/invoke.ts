import { readFileSync } from "node:fs";
import { askUrl, type UrlRequest } from "#aws";
import { CauceError, isRecord, messageOf, parseJson } from "#core";

/** What a URL answered. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** How a URL is asked; `ca` as of its target. */
export type Asking = Pick<UrlRequest, "ca"> & { readonly signal: AbortSignal };

/** `GET`: the model describes itself. */
export async function describeModel(url: string, asking: Asking): Promise<unknown> {
  return parseJson((await reach(url, asking)).body);
}

/** `POST`s JSON text. */
export async function ask(url: string, body: string, asking: Asking): Promise<Answer> {
  return reach(url, { ...asking, method: "POST", headers: { "content-type": "application/json" }, body });
}

/** A record out of the examples that the model gives for its fields. */
export function exampleIn(description: unknown): Record<string, unknown> {
  const fields = isRecord(description) && Array.isArray(description["fields"]) ? description["fields"] : [];
  return Object.fromEntries(
    (fields as unknown[]).flatMap((field) =>
      isRecord(field) && field["example"] !== undefined && field["example"] !== null
        ? [[String(field["name"]), field["example"]]]
        : [],
    ),
  );
}

/** What the user gave: JSON itself, a file that holds it, or `-` for standard input. */
export function readBody(given: string): string {
  if (/^\s*[[{]/.test(given)) return given;
  try {
    return readFileSync(given === "-" ? 0 : given, "utf8");
  } catch (error) {
    throw new CauceError(
      {
        code: "BodyUnreadable",
        what: `${given} is neither JSON nor a file that can be read.`,
        why: error instanceof Error ? error.message : "",
        fix: `Give a JSON object or array in quotes, or a file: cauce invoke '{"field": 1}'`,
      },
      { cause: error },
    );
  }
}

async function reach(url: string, options: UrlRequest): Promise<Answer> {
  try {
    return await askUrl(url, options);
  } catch (error) {
    throw new CauceError(
      {
        code: "UrlUnreachable",
        what: `${url} does not answer.`,
        why: messageOf(error),
        fix: "`cauce status` shows what runs.",
      },
      { cause: error },
    );
  }
}
