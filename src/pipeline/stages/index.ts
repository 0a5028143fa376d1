import { batch } from "./batch/stage.ts";
import { deploy } from "./deploy/stage.ts";
import { evaluate } from "./evaluate/stage.ts";
import { expose } from "./expose/stage.ts";
import { extract } from "./extract/stage.ts";
import { prepare } from "./prepare/stage.ts";
import { register } from "./register/stage.ts";
import type { Stage } from "./stage.ts";
import { train } from "./train/stage.ts";

/** The way from a table to a URL, in order. */
export const stages: readonly Stage[] = [extract, prepare, train, evaluate, register, deploy, expose, batch];
