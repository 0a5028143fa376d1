// Finds `folder/file.export` the way AWS does: CommonJS or ES module, by extension and by the nearest package.json.
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

export async function loadHandler(root, handler) {
  const name = basename(handler);
  const dot = name.indexOf(".");
  if (dot <= 0 || dot === name.length - 1) throw named("Runtime.MalformedHandlerName", "Bad handler");
  if (handler.includes(".."))
    throw named(
      "Runtime.MalformedHandlerName",
      `'${handler}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  const path = resolve(root, dirname(handler), name.slice(0, dot));
  const loaded = await load(path);
  const found = name
    .slice(dot + 1)
    .split(".")
    .reduce((value, key) => value?.[key], loaded);
  if (found === undefined) throw named("Runtime.HandlerNotFound", `${handler} is undefined or not exported`);
  if (typeof found !== "function") throw named("Runtime.HandlerNotFound", `${handler} is not a function`);
  return found;
}

async function load(path) {
  const file = [path, `${path}.js`, `${path}.mjs`, `${path}.cjs`].find((candidate) => existsSync(candidate));
  try {
    const require = createRequire(join(path, "..", "index.js"));
    if (file === undefined) return require(path);
    if (file.endsWith(".mjs") || (file.endsWith(".js") && isModule(dirname(file))))
      return await import(pathToFileURL(file).href);
    return require(file);
  } catch (error) {
    if (error instanceof SyntaxError) throw named("Runtime.UserCodeSyntaxError", String(error), error.stack);
    if (error?.code === "MODULE_NOT_FOUND" || error?.code === "ERR_MODULE_NOT_FOUND")
      throw named("Runtime.ImportModuleError", String(error), error.stack);
    throw error;
  }
}

function isModule(folder) {
  for (let at = folder; ; at = dirname(at)) {
    const file = join(at, "package.json");
    if (existsSync(file)) return JSON.parse(readFileSync(file, "utf8")).type === "module";
    if (at === dirname(at) || basename(at) === "node_modules") return false;
  }
}

function named(name, message, stack) {
  const error = new Error(message);
  error.name = name;
  error.stack = stack === undefined ? error.stack : `${name}: ${stack}`;
  return error;
}
