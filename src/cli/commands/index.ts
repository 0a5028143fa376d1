import type { Command } from "../command.ts";
import { bootstrap } from "./bootstrap.ts";
import { ci } from "./ci.ts";
import { deploy } from "./deploy.ts";
import { destroy } from "./destroy.ts";
import { doctor } from "./doctor.ts";
import { down } from "./down.ts";
import { env } from "./env.ts";
import { init } from "./init.ts";
import { invoke } from "./invoke.ts";
import { logs } from "./logs.ts";
import { plan } from "./plan.ts";
import { predict } from "./predict.ts";
import { run } from "./run.ts";
import { serve } from "./serve.ts";
import { status } from "./status.ts";
import { synth } from "./synth.ts";
import { up } from "./up.ts";

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  up,
  run,
  deploy,
  status,
  logs,
  invoke,
  predict,
  plan,
  synth,
  init,
  bootstrap,
  ci,
  destroy,
  down,
  serve,
  env,
  doctor,
];
