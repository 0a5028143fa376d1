import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "../../..");

/** A model.tar.gz out of files: text, bytes, or the path of a file in the repository. */
export function makeArchive(files: Readonly<Record<string, string | Uint8Array | { readonly from: string }>>): Buffer {
  const folder = mkdtempSync(join(tmpdir(), "cauce-archive-"));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, "model", name);
      mkdirSync(dirname(path), { recursive: true });
      if (typeof content === "object" && "from" in content) cpSync(join(root, content.from), path);
      else writeFileSync(path, content);
    }
    execFileSync("tar", ["-czf", join(folder, "model.tar.gz"), "-C", join(folder, "model"), "."]);
    return readFileSync(join(folder, "model.tar.gz"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const ML = "python/src/cauce_ml";

/** What train.py leaves for the telco data. */
export function telcoArchive(extra: Parameters<typeof makeArchive>[0] = {}): Buffer {
  return makeArchive({
    "model.ubj": { from: "test/vectors/records/telco/model.ubj" },
    "features.json": { from: "test/vectors/records/telco/features.json" },
    "code/inference.py": { from: `${ML}/inference.py` },
    "code/cauce_dates.py": { from: `${ML}/cauce_dates.py` },
    "code/cauce_features.py": { from: `${ML}/cauce_features.py` },
    "code/cauce_request.py": { from: `${ML}/cauce_request.py` },
    "code/cauce_units.py": { from: `${ML}/cauce_units.py` },
    "code/cauce_xgboost.py": { from: `${ML}/cauce_xgboost.py` },
    "code/_build.py": { from: `${ML}/_build.py` },
    ...extra,
  });
}

export function telcoRecords(): { body: string; status: number; answer: unknown }[] {
  const { cases } = JSON.parse(readFileSync(join(root, "test/vectors/records/telco/cases.json"), "utf8")) as {
    cases: { body: string; status: number; answer: unknown }[];
  };
  return cases;
}
