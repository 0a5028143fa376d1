import { expect, it } from "vitest";
import { readServeFlags } from "./serve-flags.ts";

it("reads a second door and a place for copies", () => {
  expect(readServeFlags({ "tls-cert": "c", "tls-key": "k", "tls-listen": "0.0.0.0:443", keep: "s3://b/p" })).toEqual({
    tls: { cert: "c", key: "k", host: "0.0.0.0", port: 443 },
    keep: { bucket: "b", prefix: "p/" },
  });
  expect(readServeFlags({ "tls-cert": "c", "tls-key": "k", "tls-listen": "[::]:443" }).tls).toMatchObject({
    host: "::",
  });
  expect(readServeFlags({})).toEqual({ tls: undefined, keep: undefined });
});

it("refuses what is only half of it", () => {
  expect(() => readServeFlags({ "tls-cert": "c" })).toThrow("TLS needs a certificate and its key");
  expect(() => readServeFlags({ "tls-listen": "0.0.0.0:443" })).toThrow("TLS needs a certificate and its key");
  expect(() => readServeFlags({ "tls-cert": "c", "tls-key": "k", "tls-listen": "443" })).toThrow("not an address");
});
