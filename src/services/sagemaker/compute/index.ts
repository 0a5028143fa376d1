export { type ArchiveLimits, extractArchive } from "./archive.ts";
export { type ContainerProcess, toProcess } from "./container-process.ts";
export { installerEnvironment, machineEnvironment } from "./host.ts";
export { findImage, type ImageRuntime, requireImage } from "./images.ts";
export { requirePython } from "./python.ts";
export { hasRuntime, requireRuntime, type Runtime } from "./runtime.ts";
