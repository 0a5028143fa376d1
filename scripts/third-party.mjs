// The licences of the packages whose code is inside what we build: their terms ask that these travel with it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** The text of dist/THIRD-PARTY-LICENSES.txt, out of what esbuild says that it read. */
export async function thirdPartyLicences(root, metafiles) {
  const folders = new Set();
  for (const { inputs } of metafiles) {
    for (const file of Object.keys(inputs)) {
      const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1];
      if (found) folders.add(found);
    }
  }
  const parts = await Promise.all([...folders].sort().map((folder) => describe(join(root, folder))));
  return `Parts of the files in this folder come from these packages.\n\n${[...new Set(parts)].join("\n")}`;
}

async function describe(folder) {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return `${"=".repeat(80)}\n${name} ${version} (${license})\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}
