import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";
import { BOOT_SCRIPT, USER_DATA_LIMIT } from "./boot-script.ts";
import type { HostInput } from "./host.ts";
import { hostTemplate } from "./template.ts";

const HOST: HostInput = {
  type: "t3.micro",
  zone: "eu-west-1b",
  vpc: "vpc-0123456789abcdef0",
  gigabytes: 20,
  place: { account: "123456789012", region: "eu-west-1" },
  packageDigest: "0".repeat(32),
};

it("keeps volume and address when the instance goes, and takes the volume up only through it", () => {
  const whole = hostTemplate({ ...HOST, key: "vockey", sshFrom: "203.0.113.7/32" }, "f");
  const without = hostTemplate(HOST, "f", false);
  expect(Object.keys(without.Resources)).toEqual(["Role", "Profile", "Group", "Address", "Volume"]);
  expect(Object.keys(whole.Resources)).toEqual([...Object.keys(without.Resources), "Instance", "Association"]);
  expect(whole.Resources["Instance"]?.Properties).toMatchObject({
    KeyName: "vockey",
    Volumes: [{ Device: "/dev/sdf", VolumeId: { Ref: "Volume" } }],
  });
  expect(whole.Outputs["Fingerprint"]?.Value).toBe("f");
  expect(without.Outputs["Fingerprint"]?.Value).toBe("none");
});

it("opens the port of SSH to nobody unless somebody is named", () => {
  const ports = (host: HostInput) =>
    (JSON.stringify(hostTemplate(host, "f").Resources["Group"]).match(/"FromPort":\d+/g) ?? []).map((port) =>
      Number(port.slice('"FromPort":'.length)),
    );
  expect(ports({ ...HOST, key: "vockey" })).toEqual([443, 443]);
  expect(ports({ ...HOST, key: "vockey", sshFrom: "203.0.113.7/32" })).toEqual([443, 22, 443]);
});

it("has a role for its own part of the bucket, and nothing else", () => {
  const text = JSON.stringify(hostTemplate(HOST, "f").Resources["Role"]);
  expect(text.match(/"Action":"?\[?[^\]}]*/g)?.join()).not.toContain("*");
  for (const [, resource = ""] of text.matchAll(/"Fn::Sub":"([^"]+)"/g))
    expect(resource).toMatch(/^arn:\$\{AWS::Partition\}:s3:::cauce-123456789012-eu-west-1(\/_host\/|$)/);
});

it("has user data that bash understands, that fits, and in which nothing is secret", () => {
  const text = userData();
  expect(Buffer.byteLength(text)).toBeLessThan(USER_DATA_LIMIT - 200);
  expect(text.startsWith("#!/bin/bash\n")).toBe(true);
  execFileSync("bash", ["-n"], { input: text });
  expect(text).not.toMatch(/secret|password|AKIA|PRIVATE KEY-----/i);
});

/** As CloudFormation would fill it in. */
function userData(): string {
  const instance = hostTemplate(HOST, "f").Resources["Instance"]?.Properties as {
    UserData: { "Fn::Base64": { "Fn::Sub": string } };
  };
  const text = instance.UserData["Fn::Base64"]["Fn::Sub"];
  return text.replaceAll(/\$\{(Address|Volume)\}/g, "name").replaceAll("${!", "${");
}

it("has a boot script that says where it fails", () => {
  const run = (env: Record<string, string>) => {
    try {
      return execFileSync("bash", ["-c", `VOLUME=vol-1\nseq() { echo 1; }\nsleep() { :; }\n${BOOT_SCRIPT}`], {
        env: { PATH: process.env["PATH"] ?? "", ...env },
        encoding: "utf8",
        stdio: "pipe",
      });
    } catch (error) {
      return String((error as { stdout?: unknown }).stdout);
    }
  };
  expect(run({ CAUCE_INSTANCE: "/nowhere" })).toContain(
    "cauce-boot: failed: the volume vol-1 was not attached within five minutes",
  );
});
