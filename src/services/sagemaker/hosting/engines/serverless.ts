import { messageOf } from "#core";
import { throttled } from "../faults.ts";
import type { Serverless } from "../state.ts";
import type { Engine, EngineReply, EngineRequest } from "./engine.ts";

export interface ServerlessOptions extends Serverless {
  /** What the deployment has made, to see that it serves at all. */
  readonly first: Engine;
  /** Makes it once more, for the first request after a pause. */
  readonly load: (signal: AbortSignal) => Promise<Engine>;
  /** How long it stays when nobody asks. */
  readonly idleMilliseconds?: number;
}

// AWS: does not say for how long; users see several minutes.
const IDLE_MILLISECONDS = 5 * 60_000;

/** Runs while it is asked: nothing of it is left after a pause, and no more requests than agreed are answered at a time. */
export function createServerlessEngine(options: ServerlessOptions): Engine {
  const { first, load, concurrency, provisioned, idleMilliseconds = IDLE_MILLISECONDS } = options;
  const life = new AbortController();
  let current: Promise<Engine> | undefined = Promise.resolve(first);
  let running = 0;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;

  const leave = async (grace: number) => {
    const engine = current;
    current = undefined;
    await (await engine?.catch(() => undefined))?.stop(grace);
  };
  const rest = () => {
    clearTimeout(timer);
    // What is provisioned stays warm; what is scored in this process holds none.
    if (provisioned === undefined && first.kind !== "native" && !ended)
      timer = setTimeout(() => void leave(0), idleMilliseconds).unref();
  };
  const answer = async (request: EngineRequest): Promise<EngineReply> => {
    clearTimeout(timer);
    running++;
    try {
      const engine = await (current ??= load(life.signal));
      return await engine.invoke(request);
    } catch (error) {
      if (current && (await isLost(current))) current = undefined;
      else throw error;
      return { status: 500, body: messageOf(error), contentType: "text/plain" };
    } finally {
      running--;
      if (running === 0) rest();
    }
  };
  rest();

  return {
    kind: first.kind,
    invoke(request) {
      if (running >= concurrency) throw throttled();
      return answer(request);
    },
    async stop(grace) {
      ended = true;
      clearTimeout(timer);
      await leave(grace);
      life.abort();
    },
  };
}

/** It could not be made again: the next request tries anew. */
function isLost(engine: Promise<Engine>): Promise<boolean> {
  return engine.then(
    () => false,
    () => true,
  );
}
