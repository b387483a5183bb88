import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { occurrences } from "./source.ts";

const read = (path: string) => readFileSync(join(projectRoot(), path), "utf8");

describe("V11 cryptography", () => {
  test("11.1.2 every cipher, hash and signature in use stands in the inventory", () => {
    const inventory = read("docs/vault.md").split("## Cryptography in use")[1] ?? "";
    for (const name of ["AES-256-GCM", "SHA-256", "HMAC", "Ed25519", "argon2id", "TOTP", "scrypt"])
      expect(inventory.toLowerCase()).toContain(name.toLowerCase());
  });

  test("11.2.1 cryptography is node's, argon2's and otplib's", () => {
    // read as JSON of a known shape
    const { dependencies } = JSON.parse(read("package.json")) as { dependencies: Record<string, string> };
    const known = /crypt|cipher|argon|jose|jwt|otp|noble|tweetnacl|forge|sodium|hash/;
    expect(
      Object.keys(dependencies)
        .filter((name) => known.test(name))
        .sort(),
    ).toEqual(["argon2", "otplib"]);
  });

  test("11.3.1, 11.3.2 what is encrypted is encrypted with AES-256-GCM", () => {
    const ciphers = occurrences(/create(De)?[cC]ipheriv\(\s*[^,]+/g);
    expect(ciphers.length).toBeGreaterThan(0);
    for (const use of ciphers) expect(use).toContain('"aes-256-gcm"');
  });

  test("11.4.1 no MD5, and SHA-1 nowhere but in the codes of authenticator apps", () => {
    expect(occurrences(/["'](md5|md4|ripemd\w*|sha-?1)["']/gi)).toEqual([]);
    expect(occurrences(/create(Hash|Hmac)\(\s*(?!"sha(256|384|512)")[^)]+\)/g)).toEqual([]);
  });

  test("11.2.4 secrets are not compared with an equals sign", () => {
    expect(
      occurrences(/\b(token|secret|hash|mac|digest)(Hash)?\s*===\s*(token|secret|hash|mac|expected)\b/gi),
    ).toEqual([]);
  });
});
