import { createSecretKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { algorithm } from "../../../src/platform/vault/algorithms.ts";
import { pae } from "../../../src/platform/vault/pae.ts";
import { hkdf, hmac } from "../../../src/platform/vault/primitives.ts";

const key = (text: string) => createSecretKey(hex(text));
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("AES-256-GCM agrees with the vectors of its specification to NIST (cases 13 to 16)", () => {
  const secret = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
  const plain =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
  const cipher =
    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
  const zeros = "00".repeat(32);
  const cases = [
    {
      id: 13,
      key: zeros,
      nonce: "00".repeat(12),
      plain: "",
      aad: "",
      cipher: "",
      tag: "530f8afbc74536b9a963b4f1c4cb738b",
    },
    {
      id: 14,
      key: zeros,
      nonce: "00".repeat(12),
      plain: "00".repeat(16),
      aad: "",
      cipher: "cea7403d4d606b6e074ec5d3baf39d18",
      tag: "d0d1c8a799996bf0265b98b5d48ab919",
    },
    {
      id: 15,
      key: secret,
      nonce: "cafebabefacedbaddecaf888",
      plain,
      aad: "",
      cipher,
      tag: "b094dac5d93471bdec1a502270e3cc6c",
    },
    {
      id: 16,
      key: secret,
      nonce: "cafebabefacedbaddecaf888",
      plain: plain.slice(0, 120),
      aad: "feedfacedeadbeeffeedfacedeadbeefabaddad2",
      cipher: cipher.slice(0, 120),
      tag: "76fc6ece0f4e1768cddf8853bb2d551b",
    },
  ];
  test.each(cases)("case $id, both ways", (c) => {
    const sealed = hex(c.cipher + c.tag);
    const gcm = algorithm("A256GCM");
    expect(gcm.seal(key(c.key), hex(c.nonce), hex(c.aad), hex(c.plain))).toEqual(sealed);
    expect(gcm.open(key(c.key), hex(c.nonce), hex(c.aad), sealed)).toEqual(hex(c.plain));
  });
});

describe("HKDF-SHA-256 agrees with RFC 5869, appendix A", () => {
  const run = (from: number, count: number) => Buffer.from(Array.from({ length: count }, (_, i) => from + i));
  const cases = [
    {
      id: "A.1",
      secret: Buffer.alloc(22, 0x0b),
      salt: run(0, 13),
      info: run(0xf0, 10),
      out: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    },
    {
      id: "A.2",
      secret: run(0, 80),
      salt: run(0x60, 80),
      info: run(0xb0, 80),
      out: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    },
    {
      id: "A.3",
      secret: Buffer.alloc(22, 0x0b),
      salt: Buffer.alloc(0),
      info: Buffer.alloc(0),
      out: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    },
  ];
  test.each(cases)("case $id", (c) => {
    expect(hkdf(createSecretKey(c.secret), c.info, c.out.length / 2, c.salt).toString("hex")).toBe(c.out);
  });
});

describe("HMAC-SHA-256 agrees with RFC 4231", () => {
  const cases = [
    {
      id: 1,
      key: "0b".repeat(20),
      data: "4869205468657265",
      out: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
    },
    {
      id: 2,
      key: "4a656665",
      data: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      out: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
      id: 3,
      key: "aa".repeat(20),
      data: "dd".repeat(50),
      out: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
    },
    {
      id: 6,
      key: "aa".repeat(131),
      data: Buffer.from("Test Using Larger Than Block-Size Key - Hash Key First").toString("hex"),
      out: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    },
  ];
  test.each(cases)("case $id", (c) => {
    expect(hmac(key(c.key), hex(c.data)).toString("hex")).toBe(c.out);
  });
});

test("the length-prefixed list is PASETO's: published examples", () => {
  expect(pae([]).toString("hex")).toBe("0000000000000000");
  expect(pae([""]).toString("hex")).toBe("01000000000000000000000000000000");
  expect(pae(["test"]).toString("hex")).toBe("0100000000000000040000000000000074657374");
});

test("lists that join to the same text stay different", () => {
  expect(pae(["ab", "c"])).not.toEqual(pae(["a", "bc"]));
  expect(pae(["ab", ""])).not.toEqual(pae(["ab"]));
});
