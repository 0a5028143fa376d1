import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Engine, EngineFailure, type EngineRequest } from "./engine.ts";
import { createServerlessEngine, type ServerlessOptions } from "./serverless.ts";

let loaded: number;
let stopped: number;
let finish: (() => void)[];

let opened: Engine[];

beforeEach(() => {
  opened = [];
  [loaded, stopped, finish] = [0, 0, []];
});

afterEach(() => Promise.all(opened.map((one) => one.stop(0))));

/** Answers when it is told to, or at once. */
function engine(kind: Engine["kind"] = "container"): Engine {
  return {
    kind,
    invoke: async ({ body }) => {
      if (body.byteLength > 0) await new Promise<void>((resolve) => finish.push(resolve));
      return { status: 200, body: "answered", contentType: "text/plain" };
    },
    stop: async () => void stopped++,
  };
}

function open(options: Partial<ServerlessOptions> = {}): Engine {
  const made = createServerlessEngine({
    memory: 1024,
    concurrency: 2,
    first: engine(),
    load: async () => (loaded++, engine()),
    idleMilliseconds: 20,
    ...options,
  });
  opened.push(made);
  return made;
}

const request = (text = ""): EngineRequest => ({
  body: Buffer.from(text),
  contentType: undefined,
  accept: undefined,
  customAttributes: undefined,
  inferenceId: undefined,
});

describe("a serverless variant", () => {
  it("goes when nobody asks, and comes back with the next request", async () => {
    const serverless = open();
    await serverless.invoke(request());
    expect([loaded, stopped]).toEqual([0, 0]);
    await expect.poll(() => stopped).toBe(1);
    await Promise.all([serverless.invoke(request()), serverless.invoke(request())]);
    expect(loaded).toBe(1);
    await expect.poll(() => stopped).toBe(2);
  });

  it("stays while it answers", async () => {
    const serverless = open();
    const answer = serverless.invoke(request("slow"));
    await sleep(60);
    expect(stopped).toBe(0);
    finish.pop()?.();
    expect(await answer).toMatchObject({ status: 200 });
  });

  it("stays warm as far as it is provisioned, and when it is scored in this process", async () => {
    const warm = open({ provisioned: 1 });
    const native = open({ first: engine("native") });
    await Promise.all([warm.invoke(request()), native.invoke(request())]);
    await sleep(60);
    expect(stopped).toBe(0);
  });

  it("answers as many requests at a time as agreed, and throttles the others", async () => {
    const serverless = open();
    const running = [serverless.invoke(request("slow")), serverless.invoke(request("slow"))];
    expect(() => serverless.invoke(request())).toThrow(expect.objectContaining({ code: "ThrottlingException" }));
    await expect.poll(() => finish.length).toBe(2);
    for (const end of finish) end();
    await Promise.all(running);
    expect(await serverless.invoke(request())).toMatchObject({ status: 200 });
  });

  it("says why it could not be started again, and tries anew", async () => {
    let broken = true;
    const load = async () => {
      if (broken) throw new EngineFailure("The container ended.");
      return engine();
    };
    const serverless = open({ load });
    await expect.poll(() => stopped).toBe(1);
    expect(await serverless.invoke(request())).toMatchObject({ status: 500, body: "The container ended." });
    broken = false;
    expect(await serverless.invoke(request())).toMatchObject({ status: 200 });
  });
});
