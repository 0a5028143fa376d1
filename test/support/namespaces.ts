import { spawnSync } from "node:child_process";

const KINDS = { mount: "--mount", net: "--net" } as const;

/** Whether a process can be given namespaces of its own here and mount in them. Only root may, and not in every sandbox. */
export function canUnshare(...kinds: readonly (keyof typeof KINDS)[]): boolean {
  const words = [...kinds.map((kind) => KINDS[kind]), "mount", "-t", "tmpfs", "tmpfs", "/opt"];
  return spawnSync("unshare", words, { stdio: "ignore" }).status === 0;
}
