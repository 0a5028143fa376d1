import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const PAGES = [
  ...readdirSync(ROOT).filter((file) => file.endsWith(".md")),
  ...listMarkdown("docs"),
  ...listMarkdown("src/services"),
  ...listMarkdown("examples"),
];

describe("documentation", () => {
  it("is there", () => {
    expect(PAGES).toEqual(expect.arrayContaining(["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]));
  });

  it("has no link that leads nowhere", () => {
    const broken = PAGES.flatMap((page) =>
      linksIn(page)
        .filter((link) => !leadsSomewhere(page, link))
        .map((link) => `${page} → ${link}`),
    );
    expect(broken).toEqual([]);
  });

  it("lists every decision", () => {
    const written = readdirSync(join(ROOT, "docs/decisions")).filter((file) => file !== "README.md");
    expect(written.filter((file) => !read("docs/decisions/README.md").includes(`(${file})`))).toEqual([]);
  });

  it("names commands that exist", () => {
    const commands = readdirSync(join(ROOT, "src/cli/commands")).map((file) => file.replace(/\.ts$/, ""));
    const named = PAGES.flatMap((page) =>
      [...read(page).matchAll(/(?:`|\$ |npx |^)cauce ([a-z]+)\b/gm)].map(([, name]) => ({ page, name: name ?? "" })),
    );
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ name }) => !commands.includes(name))).toEqual([]);
  });

  it("names npm scripts that exist", () => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = PAGES.flatMap((page) => [...read(page).matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name ?? ""));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

function linksIn(page: string): string[] {
  const text = read(page).replaceAll(/^```.*?^```/gms, "");
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? "").filter((link) => !/^[a-z]+:/.test(link));
}

function leadsSomewhere(page: string, link: string): boolean {
  const [path = "", anchor] = link.split("#");
  const target = path === "" ? page : relative(ROOT, resolve(ROOT, dirname(page), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(target).includes(anchor);
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading ?? "");
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

function listMarkdown(folder: string): string[] {
  const files = readdirSync(join(ROOT, folder), { recursive: true }) as string[];
  return files.filter((file) => file.endsWith(".md")).map((file) => join(folder, file));
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), "utf8");
}
