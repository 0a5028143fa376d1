import { sha256 } from "#core";
import type { PolicyRow } from "./state.ts";
import documents from "./managed-policies.json" with { type: "json" };

const SINCE = "2017-11-29T00:00:00.000Z";

/** The policies of AWS that people attach in tutorials, by ARN: the same names, documents of our own writing. */
export const managedPolicies: ReadonlyMap<string, PolicyRow> = new Map(
  Object.entries(documents).map(([path, { description, statements }]) => {
    const arn = `arn:aws:iam::aws:policy${path}`;
    return [arn, toRow(path, arn, description, JSON.stringify({ Version: "2012-10-17", Statement: statements }))];
  }),
);

function toRow(path: string, arn: string, description: string, document: string): PolicyRow {
  const cut = path.lastIndexOf("/") + 1;
  const name = path.slice(cut);
  return {
    name,
    id: `ANPA${sha256(path).slice(0, 17).toUpperCase()}`,
    path: path.slice(0, cut),
    arn,
    createdAt: SINCE,
    updatedAt: SINCE,
    description,
    defaultVersion: "v1",
    lastVersion: 1,
    versions: [{ id: "v1", document, createdAt: SINCE }],
    tags: {},
  };
}
