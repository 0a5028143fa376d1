import { describe, expect, it } from "vitest";
import type { EngineReply, EngineRequest } from "./engine.ts";
import { createPool } from "./pool.ts";
import { WorkerGone } from "./worker.ts";

const request: EngineRequest = {
  body: new Uint8Array(),
  contentType: undefined,
  accept: undefined,
  customAttributes: undefined,
  inferenceId: undefined,
};

/** A worker that answers when it is told to. */
function manual(name: string) {
  const asked: ((reply: EngineReply) => void)[] = [];
  return {
    asked,
    invoke: () => new Promise<EngineReply>((resolve) => asked.push(resolve)),
    answer: () => asked.shift()?.({ status: 200, body: name, contentType: undefined }),
  };
}

describe("a pool of workers", () => {
  it("gives a worker one request at a time, and the next to whoever is free", async () => {
    const pool = createPool();
    const [a, b] = [manual("a"), manual("b")];
    pool.add(a);
    pool.add(b);
    const replies = [pool.invoke(request), pool.invoke(request), pool.invoke(request)];
    await tick();
    expect([a.asked.length, b.asked.length]).toEqual([1, 1]);
    b.answer();
    await tick();
    expect([a.asked.length, b.asked.length]).toEqual([1, 1]);
    b.answer();
    a.answer();
    expect((await Promise.all(replies)).map(({ body }) => body).toSorted()).toEqual(["a", "b", "b"]);
  });

  it("lets requests wait for the first worker", async () => {
    const pool = createPool();
    const reply = pool.invoke(request);
    const worker = manual("late");
    pool.add(worker);
    await tick();
    worker.answer();
    expect((await reply).body).toBe("late");
  });

  it("refuses whoever comes when too many wait", async () => {
    const pool = createPool();
    const waiting = Array.from({ length: 200 }, () => pool.invoke(request));
    await expect(pool.invoke(request)).rejects.toMatchObject({ code: "ServiceUnavailable", status: 503 });
    pool.add({ invoke: async () => ({ status: 200, body: "", contentType: undefined }) });
    expect(await Promise.all(waiting)).toHaveLength(200);
  });

  it("refuses whoever comes when what waits is too large, however few they are", async () => {
    const pool = createPool();
    const large = { ...request, body: new Uint8Array(40 * 2 ** 20) };
    const first = pool.invoke(large);
    await expect(pool.invoke(large)).rejects.toMatchObject({ code: "ServiceUnavailable", retryAfter: 1 });
    const small = pool.invoke(request);
    pool.add({ invoke: async () => ({ status: 200, body: "", contentType: undefined }) });
    expect(await Promise.all([first, small])).toHaveLength(2);
  });

  it("lets nobody wait longer than a container may answer", async () => {
    const pool = createPool();
    await expect(pool.invoke({ ...request, milliseconds: 20 })).rejects.toMatchObject({ status: 503 });
    expect(await pool.drained()).toBeUndefined();
  });

  it("gives a request that did not reach its worker to another one", async () => {
    const pool = createPool();
    const worker = manual("alive");
    pool.add(worker);
    pool.add({ invoke: () => Promise.reject(new WorkerGone()) });
    const reply = pool.invoke(request);
    await tick();
    worker.answer();
    expect((await reply).body).toBe("alive");
  });

  it("gives nothing to a worker that was removed, and is drained when the last answer is there", async () => {
    const pool = createPool();
    const [a, b] = [manual("a"), manual("b")];
    pool.add(a);
    const first = pool.invoke(request);
    await tick();
    pool.remove(a);
    const second = pool.invoke(request);
    a.answer();
    await first;
    await tick();
    expect(a.asked).toHaveLength(0);
    let drained = false;
    const done = pool.drained().then(() => (drained = true));
    await tick();
    expect(drained).toBe(false);
    pool.add(b);
    await tick();
    b.answer();
    expect((await second).body).toBe("b");
    await done;
  });
});

function tick(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
