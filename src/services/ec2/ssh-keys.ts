import { createHash, createPublicKey, generateKeyPair, type KeyObject } from "node:crypto";
import { promisify } from "node:util";
import { keyFormatInvalid } from "./faults.ts";

const generate = promisify(generateKeyPair);

export interface SshKey {
  readonly type: "rsa" | "ed25519";
  /** As OpenSSH writes it, in one line. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** A new pair. AWS: RSA has 2,048 bits and comes as PKCS #1, ED25519 as OpenSSH's own form. "Create key pairs", EC2 user guide. */
export async function makeSshKey(type: SshKey["type"]): Promise<SshKey & { readonly privateKey: string }> {
  const { publicKey, privateKey } = await (type === "rsa"
    ? generate("rsa", { modulusLength: 2048 })
    : generate("ed25519"));
  const blob = type === "rsa" ? rsaBlob(publicKey) : ed25519Blob(publicKey);
  if (type === "ed25519") {
    return { type, ...described(type, blob), privateKey: opensshPrivateKey(blob, seedOf(privateKey)) };
  }
  return {
    type,
    publicKey: line(type, blob),
    // AWS: of a pair that it made, the SHA-1 of the private key in DER. "Verify the fingerprint of your public key", same guide.
    fingerprint: colons(
      createHash("sha1")
        .update(privateKey.export({ type: "pkcs8", format: "der" }))
        .digest("hex"),
    ),
    privateKey: privateKey.export({ type: "pkcs1", format: "pem" }) as string,
  };
}

/** A public key as it is imported: OpenSSH's line, the base64 of its blob, or PEM. */
export function readPublicKey(material: Uint8Array): SshKey {
  const text = Buffer.from(material).toString("utf8").trim();
  const blob = text.startsWith("-----BEGIN")
    ? blobOfPem(text)
    : Buffer.from(text.split(/\s+/).find(isBlob) ?? "", "base64");
  const name = fieldsOf(blob)[0]?.toString("latin1");
  if (name === "ssh-ed25519") return { type: "ed25519", ...described("ed25519", blob) };
  if (name !== "ssh-rsa") throw keyFormatInvalid();
  const der = rsaFromBlob(blob).export({ type: "spki", format: "der" });
  // AWS: of an imported RSA key, the MD5 of the public key in DER.
  return {
    type: "rsa",
    publicKey: line("rsa", blob),
    fingerprint: colons(createHash("md5").update(der).digest("hex")),
  };
}

/** AWS: of ED25519, whoever made it, OpenSSH's SHA-256. */
function described(type: SshKey["type"], blob: Buffer): Pick<SshKey, "publicKey" | "fingerprint"> {
  return { publicKey: line(type, blob), fingerprint: createHash("sha256").update(blob).digest("base64") };
}

function line(type: SshKey["type"], blob: Buffer): string {
  return `ssh-${type} ${blob.toString("base64")}`;
}

function colons(hex: string): string {
  return hex.replace(/(..)(?!$)/g, "$1:");
}

function isBlob(word: string): boolean {
  return /^AAAA[A-Za-z0-9+/]+=*$/.test(word);
}

function blobOfPem(text: string): Buffer {
  try {
    const key = createPublicKey(text);
    return key.asymmetricKeyType === "ed25519" ? ed25519Blob(key) : rsaBlob(key);
  } catch {
    throw keyFormatInvalid();
  }
}

function rsaBlob(key: KeyObject): Buffer {
  const { n = "", e = "" } = key.export({ format: "jwk" });
  return Buffer.concat([field("ssh-rsa"), field(positive(e)), field(positive(n))]);
}

function ed25519Blob(key: KeyObject): Buffer {
  return Buffer.concat([field("ssh-ed25519"), field(Buffer.from(key.export({ format: "jwk" }).x ?? "", "base64url"))]);
}

/** A number of SSH's: a leading zero where the first bit would make it negative. */
function positive(base64url: string): Buffer {
  const bytes = Buffer.from(base64url, "base64url");
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function fieldsOf(blob: Buffer): Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const end = at + 4 + blob.readUInt32BE(at);
    if (end > blob.length) throw keyFormatInvalid();
    fields.push(blob.subarray(at + 4, end));
    at = end;
  }
  return fields;
}

function rsaFromBlob(blob: Buffer): KeyObject {
  const [, e, n] = fieldsOf(blob);
  if (!e || !n) throw keyFormatInvalid();
  const strip = (bytes: Buffer) => (bytes[0] === 0 ? bytes.subarray(1) : bytes).toString("base64url");
  return createPublicKey({ key: { kty: "RSA", e: strip(e), n: strip(n) }, format: "jwk" });
}

function seedOf(key: KeyObject): Buffer {
  return Buffer.from(key.export({ format: "jwk" }).d ?? "", "base64url");
}

/** OpenSSH's PROTOCOL.key: unencrypted, one key, padded to eight bytes. */
function opensshPrivateKey(blob: Buffer, seed: Buffer): string {
  const point = fieldsOf(blob)[1] ?? Buffer.alloc(0);
  const check = createHash("sha256").update(seed).digest().subarray(0, 4);
  const inner = Buffer.concat([check, check, blob, field(Buffer.concat([seed, point])), field("")]);
  const padding = Buffer.from(Array.from({ length: (8 - (inner.length % 8)) % 8 }, (_, i) => i + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    field("none"),
    field("none"),
    field(""),
    count,
    field(blob),
    field(Buffer.concat([inner, padding])),
  ]);
  const lines = whole.toString("base64").match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join("\n")}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
