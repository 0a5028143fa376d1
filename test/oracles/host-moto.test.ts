import { resolve } from "node:path";
import { expect, it } from "vitest";
import { callEc2, elementsOf, withClients } from "#aws";
import { bringHost, consoleOf, findHost, removeHost } from "#pipeline";
import { INSTALLING, oraclePython } from "./environments.ts";
import { startMoto } from "./moto-server.ts";

const assets = resolve(import.meta.dirname, "../..");

/** The stack of `--to ec2` on an AWS that is not ours. Nothing boots there: what is seen is that each request and each resource is taken. */
it("makes, changes and removes the host on moto", { timeout: INSTALLING }, async () => {
  const moto = await startMoto(await oraclePython("clouds"));
  const { target } = moto;
  try {
    await withClients(target, async (aws) => {
      expect(await findHost(aws, target)).toBeUndefined();
      const first = await bringHost(aws, target, { assets, wishes: {} });
      expect(first).toMatchObject({
        address: expect.stringMatching(/^\d+(\.\d+){3}$/),
        instance: expect.stringMatching(/^i-/),
      });
      expect(await consoleOf(aws, target, first.instance ?? "")).toEqual(expect.any(String));
      // The same again is no change; another type goes through the form without an instance, and keeps the address.
      expect(await bringHost(aws, target, { assets, wishes: {} })).toEqual(first);
      const second = await bringHost(aws, target, { assets, wishes: { type: "t2.micro" } });
      expect(second.address).toBe(first.address);
      // moto ends the first instance, and does not make one again under a logical id that it has had.
      const states = elementsOf(await callEc2(target, aws, { Action: "DescribeInstances" }), "name");
      expect(states).toEqual(["terminated"]);
      await removeHost(aws, target);
      expect(await findHost(aws, target)).toBeUndefined();
    });
  } finally {
    await moto.close();
  }
});
