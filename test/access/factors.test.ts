import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { countCode } from "../../src/access/factor/attempt.ts";
import {
  confirmReplacement,
  regenerateRecovery,
  startReplacement,
  viewReplacement,
} from "../../src/access/factor/commands.ts";
import { totpStep } from "../../src/access/factor/totp.ts";
import { changePassword, endOwnSessions } from "../../src/access/me/commands.ts";
import { newPassword } from "../../src/access/password/new-password.ts";
import { sweep } from "../../src/access/grants/sweep.ts";
import { signOut } from "../../src/access/sign-in/commands.ts";
import { tryCode, tryPassword } from "../../src/access/sign-in/sign-in.ts";
import { stepUpCommand } from "../../src/access/step-up/command.ts";
import { ownPassword } from "../../src/access/step-up/step-up.ts";
import { generateSync } from "otplib";
import { race, refusal } from "./refusals.ts";
import { accessWorld, browser, PASSWORD, secretOf, type Session, type World } from "./world.ts";

const MINUTE = 60_000;
let world: World;
beforeAll(async () => {
  world = await accessWorld(
    { wei: ["auditor"], hao: [], lan: [], bo: [], ming: [], adm: ["people_administrator"] },
    { params: { factor_lock_after: 10 } },
  );
});
afterAll(async () => await world.close());

describe("published codes", () => {
  // RFC 6238, appendix B, SHA-1, the last six of eight digits; its key is the ASCII text 12345678901234567890
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  test.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_111_111_111, "050471"],
    [1_234_567_890, "005924"],
    [2_000_000_000, "279037"],
  ])("at %i s", (seconds, code) => {
    expect(totpStep(secret, code, new Date(seconds * 1000), 0n)).toBe(BigInt(Math.floor(seconds / 30)));
    expect(totpStep(secret, code, new Date(seconds * 1000), BigInt(Math.floor(seconds / 30)))).toBeNull();
  });
});

describe("of two who have the same thing, one wins", () => {
  test("a TOTP code", async () => {
    const halves = await Promise.all([world.half("wei"), world.half("wei"), world.half("wei")]);
    const code = world.code("wei");
    const ends = await race(
      halves.map((half) => async () => {
        await tryCode(world.access.runtime, half.credential, code, browser({}));
        return "in" as const;
      }),
    );
    expect(ends.toSorted()).toEqual(["code_wrong", "code_wrong", "in"]);
  });

  test("a recovery code", async () => {
    const session = await world.signIn("wei");
    const codes = await world.bound(session, regenerateRecovery, {});
    expect(codes.codes).toHaveLength(10);
    const [code = ""] = codes.codes;
    expect(code).toMatch(/^([A-Z2-7]{4}-){5}[A-Z2-7]{4}$/);
    const halves = await Promise.all([world.half("wei"), world.half("wei")]);
    const ends = await race(
      halves.map((half) => async () => {
        await tryCode(
          world.access.runtime,
          half.credential,
          code.toLowerCase().replaceAll("-", " "),
          browser({}),
        );
        return "in" as const;
      }),
    );
    expect(ends.toSorted()).toEqual(["code_wrong", "in"]);
  });

  test("regenerating kills the old recovery codes", async () => {
    const session = await world.signIn("wei");
    const old = await world.bound(session, regenerateRecovery, {});
    await world.bound(session, regenerateRecovery, {});
    const half = await world.half("wei");
    const no = await refusal(tryCode(world.access.runtime, half.credential, old.codes[0] ?? "", browser({})));
    expect(no.code).toBe("code_wrong");
  });

  test("a bound step-up", async () => {
    const session = await world.signIn("hao");
    await refusal(world.door.execute(regenerateRecovery, session.credential, {}));
    await world.bound(session, regenerateRecovery, {});
    // used up by the command it was for
    const again = await refusal(world.door.execute(regenerateRecovery, session.credential, {}));
    expect([again.kind, again.details.stepUp?.level]).toEqual(["step-up-required", "bound"]);
  });
});

describe("a step-up", () => {
  test("that was shown for one operation stands in its event with its time, and in no other", async () => {
    const session = await world.signIn("hao");
    await world.bound(session, regenerateRecovery, {});
    const [done, shown] = await Promise.all(
      [regenerateRecovery.name, stepUpCommand.name].map(async (name) => (await world.events(name)).at(-1)),
    );
    expect(done?.session?.step_up_at).toEqual(expect.any(String));
    expect(done?.session?.step_up_at).toBe(done?.session?.mfa_at);
    expect(shown?.session?.step_up_at).toBeUndefined();
  });

  test("for one command opens no other", async () => {
    const session = await world.signIn("hao");
    await world.bound(session, endOwnSessions, {});
    expect((await refusal(world.door.execute(regenerateRecovery, session.credential, {}))).kind).toBe(
      "step-up-required",
    );
  });

  test("ends after its minutes", async () => {
    const session = await world.signIn("hao");
    const need = (await refusal(world.door.execute(startReplacement, session.credential, {}))).details.stepUp;
    expect(need?.level).toBe("bound");
    await world.bound(session, endOwnSessions, {});
    await world.sql(
      `INSERT INTO access.step_up (id, session_id, digest, created_at, expires_at)
       VALUES (gen_random_uuid(), $1, $2, $3, $4)`,
      [
        session.credential.session,
        Buffer.from(need?.digest ?? "", "base64url"),
        world.clock.now(),
        new Date(world.clock.now().getTime() + 5 * MINUTE),
      ],
    );
    world.clock.advance(5 * MINUTE);
    expect((await refusal(world.door.execute(startReplacement, session.credential, {}))).kind).toBe(
      "step-up-required",
    );
  });
});

describe("a new authenticator", () => {
  test("works after its first right code; the old one and the other sessions are over", async () => {
    const other = await world.signIn("lan");
    const session = await world.signIn("lan");
    await world.bound(session, startReplacement, {});
    const pending = await world.door.ask(viewReplacement, session.credential, {});
    const secret = pending?.secret ?? "";
    expect(pending?.uri).toContain("otpauth://totp/Gatehouse:lan");
    const { runtime } = world.access;
    const attempt = async (code: string) =>
      await countCode(runtime.throttle, world.policy(), session.credential.person, code);
    const wrong = await refusal(
      world.door.execute(confirmReplacement, session.credential, { attempt: await attempt("000000") }),
    );
    expect(wrong.details.issues).toEqual([{ path: "code", code: "code_wrong" }]);
    const code = generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });
    await world.door.execute(confirmReplacement, session.credential, { attempt: await attempt(code) });
    expect((await refusal(world.door.whoIs(other.credential))).code).toBe("session_ended");
    await world.door.whoIs(session.credential);
    const half = await world.half("lan");
    const old = generateSync({
      secret: secretOf("lan"),
      epoch: Math.floor(world.clock.now().getTime() / 1000),
    });
    expect((await refusal(tryCode(runtime, half.credential, old, browser({})))).code).toBe("code_wrong");
  });
});

describe("an authenticator that was begun and not confirmed", () => {
  const begun = async () => {
    const session = await world.signIn("bo");
    await world.bound(session, startReplacement, {});
    const pending = await world.door.ask(viewReplacement, session.credential, {});
    return { session, secret: pending?.secret ?? "" };
  };
  const confirm = async (session: Session, secret: string) => {
    const { runtime } = world.access;
    const code = generateSync({ secret, epoch: Math.floor(world.clock.now().getTime() / 1000) });
    const { person } = session.credential;
    const attempt = await countCode(runtime.throttle, world.policy(), person, code);
    return await world.door.execute(confirmReplacement, session.credential, { attempt });
  };
  const states = async () =>
    await world.sql("SELECT state FROM access.totp WHERE person_id = $1 AND state <> 'removed' ORDER BY 1", [
      world.ids["bo"],
    ]);
  const swept = async () => await world.door.execute(sweep, { type: "scheduler", job: "access.sweep" }, {});

  test("is neither shown to another session nor confirmed by it, whatever step-up it was begun with", async () => {
    const { secret } = await begun();
    const other = await world.signIn("bo");
    expect(await world.door.ask(viewReplacement, other.credential, {})).toBeNull();
    expect((await refusal(confirm(other, secret))).code).toBe("factor_gone");
  });

  test("is over with the minutes of a bound step-up, and swept away", async () => {
    const { session, secret } = await begun();
    await swept();
    expect(await states()).toEqual([{ state: "active" }, { state: "pending" }]);
    world.clock.advance(5 * MINUTE);
    expect(await world.door.ask(viewReplacement, session.credential, {})).toBeNull();
    expect((await refusal(confirm(session, secret))).code).toBe("factor_gone");
    await swept();
    expect(await states()).toEqual([{ state: "active" }]);
  });

  test("is swept away with the session that began it", async () => {
    const { session } = await begun();
    await world.door.execute(signOut, session.credential, {});
    await swept();
    expect(await states()).toEqual([{ state: "active" }]);
  });
});

describe("a new password", () => {
  test("needs the current one, ends the other sessions, and is told", async () => {
    const other = await world.signIn("bo");
    const session = await world.signIn("bo");
    const { runtime } = world.access;
    const next = await newPassword(runtime.hashing, world.policy(), runtime.blocklist, {
      password: "a quite different passphrase",
      names: ["bo"],
    });
    const wrong = await ownPassword(runtime, session.credential.person, "not the current one");
    const no = await refusal(
      world.door.execute(changePassword, session.credential, { current: wrong, next }),
    );
    expect(no.details.issues).toEqual([{ path: "current", code: "password_wrong" }]);
    const current = await ownPassword(runtime, session.credential.person, PASSWORD);
    await world.door.execute(changePassword, session.credential, { current, next });
    expect((await refusal(world.door.whoIs(other.credential))).code).toBe("session_ended");
    expect((await refusal(world.half("bo"))).code).toBe("sign_in_failed");
    await tryPassword(runtime, { login: "bo", password: "a quite different passphrase" }, browser({}));
  });

  test("a check made before the change says nothing afterwards", async () => {
    const { runtime } = world.access;
    const session = await world.signIn("ming");
    const stale = await ownPassword(runtime, session.credential.person, PASSWORD);
    await world.sql("UPDATE access.password SET version = version + 1 WHERE person_id = $1", [
      world.ids["ming"],
    ]);
    const next = await newPassword(runtime.hashing, world.policy(), runtime.blocklist, {
      password: "yet another long passphrase",
      names: [],
    });
    const no = await refusal(
      world.door.execute(changePassword, session.credential, { current: stale, next }),
    );
    expect(no.kind).toBe("invalid");
  });
});

describe("wrong codes in a row", () => {
  test("lock the factor once they are too many, also while the console is frozen, and helpers are told", async () => {
    const { runtime } = world.access;
    world.freeze("log_forked");
    for (let i = 0; i < 10; i += 1) {
      const half = await world.half("ming");
      const no = await refusal(tryCode(runtime, half.credential, "000000", browser({})));
      expect(no.code).toBe("code_wrong");
      world.clock.advance(3 * 60 * MINUTE);
    }
    world.freeze(null);
    const half = await world.half("ming");
    // not even the right code now
    const no = await refusal(tryCode(runtime, half.credential, world.code("ming"), browser({})));
    expect(no.code).toBe("code_wrong");
    expect(await world.events("access.factor.lock")).toHaveLength(2);
    const told = await world.sql("SELECT DISTINCT person_id FROM access.notice WHERE kind = 'factor_locked'");
    expect(new Set(told.map((row) => row["person_id"]))).toEqual(
      new Set([world.ids["ming"], world.ids["adm"]]),
    );
  });

  test("a right one in between begins the count again", async () => {
    const { runtime } = world.access;
    for (let i = 0; i < 12; i += 1) {
      const half = await world.half("adm");
      if (i === 8) await tryCode(runtime, half.credential, world.code("adm"), browser({}));
      else await refusal(tryCode(runtime, half.credential, "000000", browser({})));
      world.clock.advance(3 * 60 * MINUTE);
    }
    await world.signIn("adm");
  });

  test("knowing a login alone locks nobody's factor", async () => {
    const { runtime } = world.access;
    for (let i = 0; i < 30; i += 1) {
      await refusal(
        tryPassword(runtime, { login: "lan", password: "guess" }, browser({ address: `198.51.100.${i}` })),
      );
      world.clock.advance(2 * 60 * MINUTE);
    }
    const rows = await world.sql(
      "SELECT state FROM access.totp WHERE person_id = $1 AND state <> 'removed'",
      [world.ids["lan"]],
    );
    expect(rows).toEqual([{ state: "active" }]);
  });
});
