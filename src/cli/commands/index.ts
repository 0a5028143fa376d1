import type { Command } from "../command.ts";
import { down } from "./down.ts";
import { env } from "./env.ts";
import { init } from "./init.ts";
import { serve } from "./serve.ts";
import { up } from "./up.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [up, init, serve, down, env];
