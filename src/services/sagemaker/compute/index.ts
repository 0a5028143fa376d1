export { extractArchive } from "./archive.ts";
export { type ContainerProcess, toProcess } from "./container-process.ts";
export { findImage, requireImage } from "./images.ts";
export { listPackages, requirePackages } from "./packages.ts";
export { requirePython } from "./python.ts";
export { hasRuntime, requireRuntime, type Runtime } from "./runtime.ts";
