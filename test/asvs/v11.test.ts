import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { projectRoot } from "../../src/platform/root.ts";
import { randomToken } from "../../src/access/secrets.ts";
import { newPassphrase } from "../../src/mall/members/sealed-file.ts";
import { current } from "../../src/platform/vault/algorithms.ts";
import { purposes } from "../../src/platform/vault/subjects.ts";
import { occurrences, sources } from "./source.ts";

const read = (path: string) => readFileSync(join(projectRoot(), path), "utf8");

/** What uses an algorithm, and how the inventory has to call it. */
const uses = [
  { by: /\bcreateHash\(|\bhash\("sha256"/, name: "SHA-256" },
  { by: /\bcreateHmac\(/, name: "HMAC" },
  { by: /\bhkdfSync\(/, name: "HKDF" },
  { by: /\bcreate(De)?[cC]ipheriv\(/, name: "AES-256-GCM" },
  { by: /\bscrypt(Sync)?\(|^ +scrypt,$/m, name: "scrypt" },
  { by: /\bcreate(Private|Public)Key\(/, name: "Ed25519" },
  { by: /from "argon2"/, name: "argon2id" },
  { by: /from "otplib"/, name: "TOTP" },
] as const;

describe("V11 cryptography", () => {
  test("11.1.2 every file that uses an algorithm stands in the inventory under its name, and nothing else does", () => {
    const [, part = ""] = read("docs/vault.md").split("## Cryptography in use");
    const listed = [...part.matchAll(/^\| .+? \| (.+?) \| (.+?) \|$/gm)].flatMap(
      ([, algorithm = "", where = ""]) =>
        [...where.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => ({
          algorithm: algorithm.toLowerCase(),
          path,
        })),
    );
    const used = sources.flatMap(({ path, text }) =>
      uses.flatMap(({ by, name }) => (by.test(text) ? [`${path} ${name}`] : [])),
    );
    expect(used.length).toBeGreaterThan(20);
    const has = (use: string) => {
      const [path = "", name = ""] = use.split(" ");
      return listed.some((row) => row.path === path && row.algorithm.includes(name.toLowerCase()));
    };
    expect(used.filter((use) => !has(use))).toEqual([]);
    const users = new Set(used.map((use) => use.split(" ")[0]));
    expect(listed.filter(({ path }) => !users.has(path))).toEqual([]);
    // and no other algorithm is asked for by name
    const digests = occurrences(
      /\b(?:createHash|createHmac)\((?!"sha256")[^,)]+|\bhash\("(?!sha256")[a-z0-9-]+", /g,
    );
    expect(digests).toEqual([]);
  });

  test("11.1.1 every key has a life from its making to its end, written down", () => {
    const [, part = ""] = read("docs/keys.md").split("## The life of every key (ASVS 11.1.1)");
    const rows = [...part.matchAll(/^\| (?!key \||-)(.+) \|$/gm)].map(([, row = ""]) => row.split(" | "));
    for (const row of rows)
      expect(row.filter((cell) => cell.trim().length > 3 || cell === "key")).toHaveLength(6);
    const named = rows.map(([name = ""]) => name);
    const derived = occurrences(/\.derive\(\s*["`][\w/-]+/g).map(
      (found) => /["`]([\w/-]+)$/.exec(found)?.[1],
    );
    expect(derived.length).toBeGreaterThan(5);
    for (const label of derived) expect(named).toContain(`derived \`${label}\``);
    for (const purpose of purposes) expect(named).toContain(`data key \`${purpose}\``);
    // and no row for a key that is gone
    const expected = new Set([...derived, ...purposes]);
    for (const name of named) {
      const [, label] = /`([^`]+)`/.exec(name) ?? [];
      if (label !== undefined) expect(expected).toContain(label);
    }
  });

  test("11.2.3 keys and secrets have 128 bits or more, and digests are not cut below that", () => {
    expect([current.keyBytes * 8, current.tagBytes * 8]).toEqual([256, 128]);
    // names of files that are about to be renamed, the random part of an id, and nonces: no secrets
    const open =
      /^src\/(door\/ids|platform\/database\/cluster|platform\/audit\/signer-state|platform\/vault\/keyring-file)\.ts/;
    const bytes = occurrences(/randomBytes\((\d+)\)/g)
      .filter((found) => !open.test(found) && !found.endsWith("sealed-file.ts: randomBytes(12)"))
      .map((found) => Number(/\((\d+)\)/.exec(found)?.[1]));
    expect(bytes.length).toBeGreaterThan(5);
    expect(bytes.filter((count) => count < 16)).toEqual([]);
    expect(randomToken().length * 6).toBeGreaterThanOrEqual(256);
    // a passphrase that we make: 30 signs of 32; a code for a lost factor: 24 signs of 32, tried against a lock
    expect(newPassphrase().replaceAll("-", "").length * 5).toBeGreaterThanOrEqual(128);
    expect(
      occurrences(/\b(?:hkdf|hkdfSync)\([^;]*?, (\d+)\)/g).filter(
        (f) => Number(/(\d+)\)$/.exec(f)?.[1]) < 16,
      ),
    ).toEqual([]);
    expect(occurrences(/modulusLength|namedCurve|createDiffieHellman|"rsa"/g)).toEqual([]);
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
