import { createSecretKey, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { uuidv7 } from "../../../src/door/ids.ts";
import type { CellAddress } from "../../../src/platform/vault/address.ts";
import {
  type DataKey,
  openEnvelope,
  parseEnvelope,
  sealEnvelope,
} from "../../../src/platform/vault/envelope.ts";
import { SealError } from "../../../src/platform/vault/errors.ts";
import { cell } from "./support.ts";

const dek: DataKey = { dekId: uuidv7(), key: createSecretKey(randomBytes(32)) };
const place = cell();
const seal = (text: string, at: CellAddress = place) => sealEnvelope(dek, at, Buffer.from(text));
const open = (text: string, at: CellAddress = place, key = dek) =>
  openEnvelope(key, at, parseEnvelope(text)).toString();

test("what was sealed opens at its place, whatever it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => open(seal(text)) === Buffer.from(text).toString()),
  );
});

test("the text is e1, algorithm, key, nonce and ciphertext with tag", () => {
  expect(seal("13800138000")).toMatch(new RegExp(`^e1\\.A256GCM\\.${dek.dekId}\\.[\\w-]{16}\\.[\\w-]{43}$`));
});

test("the same value sealed twice gives two texts", () => {
  expect(seal("same")).not.toBe(seal("same"));
});

test("an upload of eight megabytes opens as a phone number does", () => {
  const upload = randomBytes(8_000_000);
  const sealed = sealEnvelope(dek, place, upload);
  expect(openEnvelope(dek, place, parseEnvelope(sealed)).equals(upload)).toBe(true);
});

test("the length of an envelope does not tell male from female, nor a short name from a long one", () => {
  expect(seal("male")).toHaveLength(seal("female").length);
  expect(seal("张伟")).toHaveLength(seal("欧阳娜娜").length);
});

describe("a value does not open", () => {
  const elsewhere: [string, Partial<CellAddress>][] = [
    ["in another row", { rowId: uuidv7() }],
    ["in another column", { column: "name_ct" }],
    ["in another table", { table: "orders.recipient" }],
    ["for another person", { subject: uuidv7() }],
    ["as another type", { type: "name" }],
  ];
  test.each(elsewhere)("%s", (_, other) => {
    expect(() => open(seal("13800138000"), { ...place, ...other })).toThrow(SealError);
  });

  test("under another key, also when that key takes its id", () => {
    expect(() => open(seal("x"), place, { dekId: dek.dekId, key: createSecretKey(randomBytes(32)) })).toThrow(
      SealError,
    );
    expect(() => open(seal("x"), place, { dekId: uuidv7(), key: dek.key })).toThrow(SealError);
  });

  test("when table and column are split at another point", () => {
    const sealed = seal("x", { ...place, table: "ab", column: "c" });
    expect(() => open(sealed, { ...place, table: "a", column: "bc" })).toThrow(SealError);
  });
});

describe("a text is refused, always with the same error,", () => {
  const [head = "", alg = "", id = "", nonce = "", body = ""] = seal("13800138000").split(".");
  const bytes = Buffer.from(body, "base64url");
  const join = (...parts: string[]) => parts.join(".");
  const cases: [string, string][] = [
    ["whose tag is cut to 12 bytes", join(head, alg, id, nonce, bytes.subarray(0, -4).toString("base64url"))],
    ["whose tag is cut to 4 bytes", join(head, alg, id, nonce, bytes.subarray(0, -12).toString("base64url"))],
    ["without a tag", join(head, alg, id, nonce, bytes.subarray(0, 8).toString("base64url"))],
    [
      "with a trailing byte",
      join(head, alg, id, nonce, Buffer.concat([bytes, Buffer.alloc(1)]).toString("base64url")),
    ],
    ["with a trailing part", join(head, alg, id, nonce, body, "")],
    ["with trailing space", `${join(head, alg, id, nonce, body)} `],
    ["with padding", `${join(head, alg, id, nonce, body)}=`],
    ["with a part missing", join(head, alg, id, nonce)],
    ["of another version", join("e2", alg, id, nonce, body)],
    ["of an unknown algorithm", join(head, "A128GCM", id, nonce, body)],
    ["of no algorithm", join(head, "", id, nonce, body)],
    ["naming an algorithm after an object's property", join(head, "constructor", id, nonce, body)],
    ["with a short nonce", join(head, alg, id, nonce.slice(4), body)],
    ["with a long nonce", join(head, alg, id, `${nonce}AAAA`, body)],
    ["with another key's id", join(head, alg, uuidv7(), nonce, body)],
    ["with the id in capitals", join(head, alg, id.toUpperCase(), nonce, body)],
    ["that is empty", ""],
  ];
  test.each(cases)("%s", (_, text) => {
    expect(() => open(text)).toThrow(new SealError());
  });

  test("with any one character changed", () => {
    const text = seal("13800138000");
    fc.assert(
      fc.property(
        fc.nat(text.length - 1),
        fc.constantFrom("A", "a", "Z", "z", "0", "9", "-", "_", "."),
        (at, character) => {
          fc.pre(text[at] !== character);
          expect(() => open(text.slice(0, at) + character + text.slice(at + 1))).toThrow(SealError);
        },
      ),
      { numRuns: 500 },
    );
  });
});
