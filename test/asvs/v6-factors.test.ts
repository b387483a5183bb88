import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { regenerateRecovery } from "../../src/access/factor/commands.ts";
import { totpStep } from "../../src/access/factor/totp.ts";
import { randomBase32, randomToken, sha256 } from "../../src/access/secrets.ts";
import { tryCode } from "../../src/access/sign-in/sign-in.ts";
import { accessWorld, browser, secretOf, type World } from "../access/world.ts";

const YEAR = 365 * 86_400_000;
let world: World;

beforeAll(async () => {
  world = await accessWorld({ wei: ["compliance_officer"], hao: ["approver"] });
});
afterAll(async () => await world.close());

describe("V6 factors", () => {
  test("6.5.2 a recovery code has 120 bits, and its SHA-256 is all that is kept of it", async () => {
    const session = await world.signIn("wei");
    const { codes } = await world.bound(session, regenerateRecovery, {});
    const plain = codes.map((code) => code.replaceAll("-", ""));
    for (const code of plain) {
      expect(code).toMatch(/^[A-Z2-7]+$/);
      expect(code.length * Math.log2(32)).toBeGreaterThanOrEqual(112);
    }
    const kept = await world.sql(
      "SELECT code_hash FROM access.recovery_code WHERE person_id = $1 AND replaced_at IS NULL AND used_at IS NULL",
      [world.ids["wei"]],
    );
    const hashes = (list: readonly unknown[]) => list.map((hash) => (hash as Buffer).toString("hex")).sort();
    expect(hashes(kept.map((row) => row["code_hash"]))).toEqual(hashes(plain.map(sha256)));
  });

  test("6.5.2 a secret of a link or a cookie has 256 bits", () => {
    const tokens = Array.from({ length: 50 }, randomToken);
    for (const token of tokens) expect(Buffer.from(token, "base64url")).toHaveLength(32);
    expect(new Set(tokens).size).toBe(50);
  });

  test("6.5.4 a recovery code draws on every letter, and a code of fewer than six digits is none", () => {
    expect(new Set(randomBase32(4_000)).size).toBe(32);
    const secret = secretOf("hao");
    const now = new Date("2026-03-01T08:00:00Z");
    // of all codes of five digits and fewer none is taken, not even the right one without its first digit
    for (let digits = 0; digits < 6; digits += 1)
      for (let n = 0; n < 500; n += 1)
        expect(totpStep(secret, String(n).padStart(digits, "0").slice(0, digits), now, 0n)).toBeNull();
    const guesses = Array.from({ length: 1_000 }, (_, n) => String(n * 1_000).padStart(6, "0"));
    const right = guesses.filter((code) => totpStep(secret, code, now, 0n) !== null);
    // three steps are open at a time; a thousand guesses at random mostly meet none of them
    expect(right.length).toBeLessThan(3);
  });

  test("6.2.10, 6.4.5 a password, an authenticator and a recovery code work ten years on: nothing of them expires", async () => {
    const session = await world.signIn("hao");
    const { codes } = await world.bound(session, regenerateRecovery, {});
    world.clock.advance(10 * YEAR);
    expect((await world.signIn("hao")).token).not.toBe("");
    const half = await world.half("hao");
    const { token } = await tryCode(world.access.runtime, half.credential, codes[0] ?? "", browser({}));
    expect(token).not.toBe("");
    expect((await world.events("access.sign_in.code")).map(({ outcome }) => outcome.result)).not.toContain(
      "denied",
    );
  });
});
