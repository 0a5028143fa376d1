import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { CauceError } from "#core";
import { projectNameFrom } from "#pipeline";

/** Makes a project's folder: the file, a README, a .gitignore. Nothing that is there is overwritten. */
export function init(
  folder: string,
  table: { readonly path: string; readonly target: string; readonly name?: string | undefined },
): string[] {
  const full = resolve(folder);
  if (existsSync(join(full, "cauce.config.ts"))) throw taken(folder);
  if (!existsSync(resolve(table.path))) throw noTable(table.path);
  mkdirSync(full, { recursive: true });
  const name = table.name ?? projectNameFrom(basename(full));
  const source = relative(full, resolve(table.path)).replaceAll("\\", "/");
  const files: Readonly<Record<string, string>> = {
    "cauce.config.ts": configText(name, source, table.target),
    "README.md": readmeText(name, table.target),
    ".gitignore": "cauce.out/\n",
  };
  const present = readdirSync(full);
  const made = Object.keys(files).filter((file) => !present.includes(file));
  for (const file of made) writeFileSync(join(full, file), files[file] ?? "");
  return made;
}

function configText(name: string, source: string, target: string): string {
  return `import { defineProject } from "cauce";

export default defineProject({
  name: ${JSON.stringify(name)},
  data: { source: ${JSON.stringify(source)}, target: ${JSON.stringify(target)} },

  // What follows are the defaults; take a line out of its comment to change it.
  // evaluate: { metric: "auc", atLeast: 0.7 },   // the gate: a model that misses it is not deployed
  // approve: "automatic",                         // "manual": a person approves each version
  // deploy: { instances: 1, type: "ml.m5.large" },
  // api: { path: "/predict", stage: "prod", cors: ["*"] },
});
`;
}

function readmeText(name: string, target: string): string {
  return `# ${name}

Predicts \`${target}\`. Made with Cauce.

\`\`\`
npx cauce up        # trains, checks, deploys; prints the URL
npx cauce status    # what is running
npx cauce invoke '{…}'
npx cauce destroy   # removes all that was made
\`\`\`

\`cauce.config.ts\` says what is predicted from which table, and what a model must reach to be deployed.
`;
}

function taken(folder: string): CauceError {
  return new CauceError({
    code: "ProjectExists",
    what: `${folder} is a project already.`,
    why: "It has a file cauce.config.ts.",
    fix: "Choose another folder, or edit that file.",
  });
}

function noTable(path: string): CauceError {
  return new CauceError({
    code: "FileMissing",
    what: `There is no ${path}.`,
    why: "--from names the table that the project learns from.",
    fix: "Check the path; it is relative to where you stand.",
  });
}
