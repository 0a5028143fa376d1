import { connect } from "node:net";
import { copyFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CauceHome, openHome } from "#test/cauce-process";
import { sendRaw } from "#test/raw-http";

const GENTOO = { bill_length_mm: 47, bill_depth_mm: 15, flipper_length_mm: 217, body_mass_g: 5100, island: "Biscoe" };
/** A stack trace, a file of ours or of the user's, a word of the inside. */
const INSIDE = /\n\s+at |Traceback|\.ts:\d|\.js:\d|\.py"|node:internal|cauce-journey|InternalFailure|errorType/;

/** Whatever a stranger sends to the URL: an answer that says what is wrong, never a 5xx, never the inside. */
describe("a caller's mistakes at the URL", { timeout: 120_000 }, () => {
  let user: CauceHome;
  let url: string;

  beforeAll(async () => {
    user = await openHome();
    copyFileSync(join(import.meta.dirname, "../journeys/penguins.csv"), join(user.work, "penguins.csv"));
    const { lines, code, stderr } = await user.cauce(["up", "penguins.csv", "--predict", "species", "--json"]);
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    url = String(lines.at(-1)?.["url"]);
  }, 240_000);
  afterAll(() => user[Symbol.asyncDispose]());

  const send = async (
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = { "content-type": "application/json" },
  ) => {
    const answer = await fetch(url, { method: "POST", body, headers });
    const text = await answer.text();
    expect({ body: String(body).slice(0, 300), status: answer.status, said: text }).toEqual({
      body: expect.anything(),
      status: expect.toSatisfy((status: number) => status === 200 || (status >= 400 && status < 500)),
      said: expect.not.stringMatching(INSIDE),
    });
    return { status: answer.status, body: JSON.parse(text) as { error?: { code: string; message: string } } };
  };

  it("names the field and what was expected", async () => {
    const cases: [unknown, number, RegExp | undefined][] = [
      [{ ...GENTOO, body_mass_g: "heavy" }, 400, /body_mass_g/],
      [{ ...GENTOO, body_mass_g: [1] }, 400, /body_mass_g/],
      [{ ...GENTOO, body_mass: 1 }, 400, /body_mass_g/],
      [{ ...GENTOO, island: 7 }, 200, undefined],
      [{ ...GENTOO, island: { a: 1 } }, 400, /island/],
      [[GENTOO, { ...GENTOO, body_mass_g: true }], 400, /body_mass_g/],
      [[], 200, undefined],
      [{}, 200, undefined],
      [5, 400, /./],
      ["text", 400, /./],
      [null, 400, /./],
      [[null], 400, /./],
      [[[1, 2]], 400, /./],
      [{ ...GENTOO, island: "Atlantis" }, 200, undefined],
      [{ ...GENTOO, island: null, body_mass_g: "" }, 200, undefined],
      [{ ...GENTOO, body_mass_g: "5100", year: 2007.0 }, 200, undefined],
    ];
    for (const [record, status, names] of cases) {
      const answer = await send(JSON.stringify(record));
      expect([record, answer.status, answer.body.error?.message]).toEqual([
        record,
        status,
        names ? expect.stringMatching(names) : undefined,
      ]);
    }
    for (const body of ["", " ", "{", "{'a':1}", '{"a":1}}', "\ufeff", "NaN", '{"body_mass_g":NaN}', "\0"]) {
      expect([body, (await send(body)).status]).toEqual([body, 400]);
    }
  });

  it("takes any JSON that fast-check thinks of", async () => {
    const record = fc.record(
      {
        island: fc.oneof(fc.string({ unit: "binary" }), fc.json(), fc.jsonValue()),
        bill_length_mm: fc.oneof(
          fc.double(),
          fc.string(),
          fc.bigInt().map(String),
          fc.constantFrom("1e999", "0x10", "١٢", "1_0", " 5 "),
        ),
        body_mass_g: fc.oneof(
          fc.maxSafeInteger(),
          fc.boolean(),
          fc.constant(null),
          fc.constantFrom(1e308, -1e308, 5e-324, -0),
        ),
        __proto__: fc.jsonValue(),
        constructor: fc.jsonValue(),
        year: fc.oneof(fc.date().map(String), fc.integer()),
      },
      { requiredKeys: [] },
    );
    const body = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.oneof(record, fc.array(record, { maxLength: 5 })).map((value) => JSON.stringify(value)),
      },
      { weight: 2, arbitrary: fc.json({ maxDepth: 6 }) },
      { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 200 }) },
    );
    await fc.assert(
      fc.asyncProperty(body, async (text) => void (await send(text))),
      { numRuns: 300 },
    );
  });

  it("takes any bytes, of any type that they are said to be", async () => {
    const types = [
      "application/json",
      "text/csv",
      "text/plain",
      "application/xml",
      "multipart/form-data",
      "",
      "x",
      "application/json; charset=utf-16",
    ];
    const bytes = fc.tuple(fc.uint8Array({ maxLength: 300 }), fc.constantFrom(...types));
    await fc.assert(
      fc.asyncProperty(
        bytes,
        async ([content, type]) => void (await send(new Uint8Array(content), { "content-type": type })),
      ),
      { numRuns: 150 },
    );
    for (const csv of [
      "a,b\n1",
      "island\n",
      "\n\n",
      "island,island\nBiscoe,Dream\n",
      `island\n"Biscoe`,
      "body_mass_g\nx\n",
      "1,2,3,4",
    ])
      await send(csv, { "content-type": "text/csv" });
    await send("not gzip", { "content-encoding": "gzip", "content-type": "application/json" });
  });

  it("takes names that objects have already", async () => {
    for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "", "0"])
      expect([name, (await send(`{${JSON.stringify(name)}: {"polluted": 1}}`)).status]).toEqual([name, 400]);
    expect((await send(`{"island": ${"[".repeat(20_000)}${"]".repeat(20_000)}}`)).status).toBe(400);
    expect((await send(`${"[".repeat(200_000)}`)).status).toBe(400);
  });

  it("refuses what is too large with 413, and does not wait for all of it", async () => {
    expect((await send(`{"island": "${"x".repeat(7 << 20)}"}`)).status).toBe(413);
    expect((await send(`{"island": "${"x".repeat(12 << 20)}"}`)).status).toBe(413);
    const { hostname, port, pathname } = new URL(url);
    const head = `POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-type: application/json\r\ncontent-length: 9999999999\r\n\r\n{`;
    const answer = await sendRaw(url, head, 5000);
    expect(answer.status).toBe(413);
  });

  it("answers other methods, paths and hosts, and goes on serving", async () => {
    for (const method of ["PUT", "DELETE", "PATCH", "HEAD"]) expect((await fetch(url, { method })).status).toBe(403);
    expect((await fetch(url, { method: "OPTIONS", headers: { origin: "https://a.example" } })).status).toBe(204);
    for (const path of ["/x", "/..", "/%2e%2e", "?a=%zz", "/%00", "//"]) {
      const answer = await fetch(url + path, { method: "POST", body: "{}" });
      expect([path, answer.status >= 500]).toEqual([path, false]);
    }
    const rebound = await sendRaw(
      url,
      `POST ${new URL(url).pathname} HTTP/1.1\r\nhost: evil.example\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
    );
    expect(rebound.status).toBe(403);
    // Callers that go away in the middle.
    for (let i = 0; i < 20; i++) {
      const { hostname, port, pathname } = new URL(url);
      await new Promise<void>((done) => {
        const socket = connect({ host: hostname, port: Number(port) }, () => {
          socket.write(`POST ${pathname} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncontent-length: 50\r\n\r\n{"island`);
          setTimeout(() => socket.destroy(), i * 3);
        });
        socket.on("close", () => done()).on("error", () => {});
      });
    }
    const answer = await send(JSON.stringify(GENTOO));
    expect(answer).toMatchObject({ status: 200, body: { prediction: "Gentoo" } });
  });

  it("left no trace of a bug of ours in the server's log", async () => {
    const { readFile } = await import("node:fs/promises");
    const log = await readFile(join(user.home, "server.log"), "utf8");
    expect(log).not.toMatch(/\n\s+at /);
  });
});
