import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { canUnshare } from "#test/namespaces";
import { hostTemplate } from "../../src/pipeline/ec2/template.ts";
import { PLACE } from "./projects.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** The half of the boot script that a rehearsal leaves out. What it asks of Amazon Linux is only seen, not done: that is for AWS to show. */
it.skipIf(!canUnshare("mount"))(
  "brings a machine of its own up: volume, packages, certificate, service",
  { timeout: 60_000 },
  async () => {
    if (!existsSync(join(ROOT, "dist/cli.js")))
      throw new Error("dist/cli.js is not there: run `npm run build` first (`npm test` does).");
    const box = await mkdtemp(join(tmpdir(), "cauce-machine-"));
    try {
      await writeFile(join(box, "given"), userData());
      const script = join(import.meta.dirname, "boot-script.sh");
      const words = [
        "--mount",
        "--propagation",
        "private",
        script,
        join(box, "given"),
        join(box, "box"),
        ROOT,
        process.execPath,
      ];
      const { stdout } = await promisify(execFile)("unshare", words, {
        env: { PATH: process.env["PATH"] ?? "", LANG: "C" },
      });
      const order = [
        "cauce-boot: waiting for the volume vol-0123456789abcdef0",
        "cauce-boot: waiting for the address 203.0.113.7",
        "[mkfs] -q -t xfs /mnt/volume",
        "[mount] /var/lib/cauce",
        "[swapon] /swapfile",
        "[dnf] install -y -q nodejs22 nodejs22-npm python3.12 python3.12-pip nftables openssl",
        `[aws] s3 cp --quiet --region us-east-1 s3://cauce-123456789012-us-east-1/_host/package/${"0".repeat(32)}.tgz /opt/cauce.tgz`,
        "[npm] install --silent --omit=dev --no-audit --no-fund --prefix /opt/cauce /opt/cauce.tgz",
        "[nft] -f /etc/nftables/cauce.nft",
        "cauce-boot: making a certificate for 203.0.113.7",
        "[systemctl] enable -q cauce",
        "[systemctl] restart cauce",
        "cauce-boot: finished: the server answers at https://203.0.113.7",
        "status 0",
        "Restart=always",
        "UUID=1234-5678 /var/lib/cauce xfs defaults,nofail 0 2",
        "ip daddr 169.254.169.254 meta skuid 61184-65183 reject",
        "Over TLS: https://127.0.0.1:",
        "700 /var/lib/cauce",
        "600 /var/lib/cauce/home/tls/key.pem",
      ];
      const found = order.map((line) => stdout.indexOf(line));
      expect(order.filter((_, i) => found[i] === -1)).toEqual([]);
      expect(found).toEqual([...found].sort((a, b) => a - b));
    } finally {
      await rm(box, { recursive: true, force: true });
    }
  },
);

function userData(): string {
  const host = {
    type: "t3.micro",
    zone: "us-east-1a",
    vpc: "vpc-1",
    gigabytes: 20,
    place: PLACE,
    packageDigest: "0".repeat(32),
  };
  const instance = hostTemplate(host, "f").Resources["Instance"]?.Properties;
  const data = instance?.["UserData"] as { "Fn::Base64": { "Fn::Sub": string } } | undefined;
  const text = data?.["Fn::Base64"]["Fn::Sub"] ?? "";
  return text
    .replace("${Address}", "203.0.113.7")
    .replace("${Volume}", "vol-0123456789abcdef0")
    .replaceAll("${!", "${");
}
