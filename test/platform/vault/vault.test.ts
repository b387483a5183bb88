import { createHash } from "node:crypto";
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { uuidv7 } from "../../../src/door/ids.ts";
import { Refusal } from "../../../src/door/refusal.ts";
import type { Release } from "../../../src/door/release.ts";
import {
  openKeyring,
  openVault,
  opensCommitment,
  type Protectable,
  type SealedCell,
  SealError,
  type Vault,
} from "../../../src/platform/vault/index.ts";
import { type TestDatabase, testDatabase } from "../../support/database.ts";
import { counting, inCommand, inQuery, profile, released, standingClock, tempDirectory } from "./support.ts";

const clock = standingClock();
const home = tempDirectory();
let db: TestDatabase;
let vault: Vault;
/** Another process over the same database and keyring, with a memory of its own. */
let elsewhere: Vault;

beforeAll(async () => {
  db = await testDatabase();
  vault = openVault(await openKeyring({ path: home.keyring, clock }), clock);
  elsewhere = openVault(await openKeyring({ path: home.keyring, clock }), clock);
});
afterAll(async () => {
  await db.close();
  home.remove();
});

const app = () => db.pool("gatehouse_app");
const reader = () => db.pool("gatehouse_reader");

/** Seals values in one command and gives their cells. */
async function store(...values: Protectable[]): Promise<SealedCell[]> {
  const envelopes = await inCommand(app(), async (tx) => await vault.protectAll(tx, values));
  return values.map(({ purpose: _, plain: __, ...place }, at) => ({
    ...place,
    envelope: envelopes[at] ?? null,
  }));
}
const mask = async (cells: readonly SealedCell[], by: Vault = vault) =>
  await inQuery(reader(), async (tx) => await by.mask(tx, cells));
const reveal = async (release: Release, cells: readonly SealedCell[]) =>
  await inQuery(reader(), async (tx) => await vault.reveal(tx, release, cells));
const refusal = (kind: string, code: string) => expect.objectContaining({ kind, code });

describe("sealing", () => {
  test("five hundred members with three fields each take two statements, and one key a member", async () => {
    const values = Array.from({ length: 500 }, () => uuidv7()).flatMap((subject) => [
      profile({ subject, rowId: subject, plain: "13800138000" }),
      profile({ subject, rowId: subject, column: "name_ct", type: "name", plain: "张伟" }),
      profile({ subject, rowId: subject, column: "sex_ct", type: "sex", plain: "female" }),
    ]);
    const { result: envelopes, statements } = await inCommand(
      app(),
      async (tx, client) => await counting(client, async () => await vault.protectAll(tx, values)),
    );
    expect(statements).toBe(2);
    expect(new Set(envelopes.map((text) => text.split(".")[2])).size).toBe(500);
  });

  test("two imports that name the same new people at once give each person one key", async () => {
    const people = Array.from({ length: 50 }, () => uuidv7());
    const batch = (subjects: string[]) =>
      subjects.map((subject) => profile({ subject, plain: "13800138000" }));
    const sealed = await Promise.all([
      inCommand(app(), async (tx) => await vault.protectAll(tx, batch(people))),
      inCommand(app(), async (tx) => await elsewhere.protectAll(tx, batch(people.toReversed()))),
    ]);
    expect(new Set(sealed.flat().map((text) => text.split(".")[2])).size).toBe(50);
  });

  test("a key is made with its value or not at all", async () => {
    const subject = uuidv7();
    const lost = inCommand(app(), async (tx) => {
      await vault.protect(tx, profile({ subject, plain: "x" }));
      throw new Error("changed my mind");
    });
    await expect(lost).rejects.toThrow("changed my mind");
    const { rows } = await db.owner.query("SELECT 1 FROM vault.dek WHERE subject_id = $1", [subject]);
    expect(rows).toEqual([]);
  });

  test("outside a command no key is made, and a reader makes none at all", async () => {
    const value = profile({ plain: "x" });
    await expect(inQuery(app(), async (tx) => await vault.protect(tx, value))).rejects.toThrow(
      /only through the door/,
    );
    await expect(inQuery(reader(), async (tx) => await vault.protect(tx, value))).rejects.toThrow(
      /read-only/,
    );
  });
});

describe("inside", () => {
  test("a list of masks takes one statement, empty fields and all", async () => {
    const cells = await store(
      profile({ plain: "+8613800138000" }),
      profile({ column: "name_ct", type: "name", plain: "张伟" }),
      profile({ column: "email_ct", type: "mail", plain: "zhang@example.com" }),
    );
    expect(await mask([...cells, { ...profile({ plain: "" }), envelope: null }])).toEqual([
      { state: "open", text: "138****8000" },
      { state: "open", text: "张*" },
      { state: "open", text: "z***@example.com" },
      { state: "empty", text: "" },
    ]);
  });

  test("a value swapped in the database is unreadable and leaves the rest of the list alone", async () => {
    const [a, b, c] = await store(
      ...["+8613800138000", "+8613800138001", "+8613800138002"].map((plain) => profile({ plain })),
    );
    if (!a || !b || !c) throw new Error("three were stored");
    const swapped = [{ ...a, envelope: b.envelope }, { ...b, envelope: a.envelope }, c];
    expect((await mask(swapped)).map((m) => m.state)).toEqual(["unreadable", "unreadable", "open"]);
  });

  test("a key row given to another person opens nothing, though its bytes are in memory", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }));
    expect((await mask(cells))[0]?.state).toBe("open");
    const thief = uuidv7();
    await inCommand(db.owner, async (_, client) => {
      await client.query("UPDATE vault.dek SET subject_id = $1 WHERE subject_id = $2", [
        thief,
        cells[0]?.subject,
      ]);
    });
    expect((await mask(cells))[0]?.state).toBe("unreadable");
    expect((await mask(cells.map((cell) => ({ ...cell, subject: thief }))))[0]?.state).toBe("unreadable");
  });

  test("a match finds every spelling, and nothing for nonsense", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }), profile({ plain: "+8613900139000" }));
    const match = async (value: string) =>
      await inQuery(reader(), async (tx) => await vault.match(tx, cells, "phone", value));
    expect(await match("138-0013-8000")).toEqual([true, false]);
    expect(await match("hello")).toEqual([false, false]);
  });

  test("statistics come by batches, and small groups are hidden", async () => {
    const sex = (plain: string) => profile({ column: "sex_ct", type: "sex", plain });
    const cells = await store(
      ...Array.from({ length: 12 }, (_, i) => sex(i < 6 ? "female" : i < 11 ? "male" : "other")),
    );
    const batches = [cells.slice(0, 5), cells.slice(5), [{ ...sex(""), envelope: null }]];
    expect(await inQuery(reader(), async (tx) => await vault.aggregate(tx, batches, "sex", 5))).toEqual({
      groups: [
        { group: "female", count: 6 },
        { group: "male", count: null },
        { group: "other", count: null },
        // the empty one: a group like the others
        { group: "unknown", count: null },
      ],
      total: 13,
    });
    await expect(
      inQuery(reader(), async (tx) => await vault.aggregate(tx, [cells], "sex", 1)),
    ).rejects.toThrow(RangeError);
  });
});

describe("plaintext leaves", () => {
  test("for the fields of the release, and empty ones are null", async () => {
    const cells = [
      ...(await store(profile({ plain: "+8613800138000" }))),
      { ...profile({ plain: "" }), envelope: null },
    ];
    expect(await reveal(released(cells), cells)).toEqual(["+8613800138000", null]);
  });

  test("not for a field beside the release, nor for any together with it", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }), profile({ plain: "+8613900139000" }));
    await expect(reveal(released(cells.slice(0, 1)), cells)).rejects.toEqual(
      refusal("denied", "vault_not_released"),
    );
  });

  test("not for something that looks like a release", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }));
    const fake: Release = Object.create(released(cells), { covers: { value: () => true } });
    await expect(reveal(fake, cells)).rejects.toEqual(refusal("denied", "vault_not_released"));
  });

  test("to the recipient of the event and to no other, nor to a screen", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }));
    const release = released(cells, { recipient: "sf-express" });
    const disclose = async (recipient: string) =>
      await inQuery(reader(), async (tx) => await vault.disclose(tx, release, recipient, cells));
    expect(await disclose("sf-express")).toEqual(["+8613800138000"]);
    await expect(disclose("yto")).rejects.toEqual(refusal("denied", "vault_not_released"));
    await expect(reveal(release, cells)).rejects.toEqual(refusal("denied", "vault_not_released"));
  });

  test("and a damaged value is a refusal, not a guess", async () => {
    const cells = await store(profile({ plain: "+8613800138000" }));
    const moved = cells.map((cell) => ({ ...cell, rowId: uuidv7() }));
    await expect(reveal(released(moved), moved)).rejects.toEqual(refusal("unavailable", "vault_unreadable"));
  });
});

describe("a restricted key", () => {
  test("is stored and protected: no mask, no match, no statistics, no new value", async () => {
    const value = profile({ plain: "+8613800138000" });
    const cells = await store(value);
    await inCommand(app(), async (tx) => await vault.restrict(tx, value));
    expect(await mask(cells)).toEqual([{ state: "sealed", text: "" }]);
    expect(
      await inQuery(reader(), async (tx) => await vault.match(tx, cells, "phone", "13800138000")),
    ).toEqual([false]);
    await expect(store(value)).rejects.toEqual(refusal("frozen", "vault_key_restricted"));
  });

  test("opens on a legal basis that the event names, and on nothing less", async () => {
    const value = profile({ plain: "+8613800138000" });
    const cells = await store(value);
    await inCommand(app(), async (tx) => await vault.restrict(tx, value));
    await expect(reveal(released(cells), cells)).rejects.toEqual(refusal("frozen", "vault_key_restricted"));
    expect(await reveal(released(cells, { legalBasis: "court-order" }), cells)).toEqual(["+8613800138000"]);
  });
});

describe("a shredded key", () => {
  test("is dead at once in another process that holds its bytes in memory", async () => {
    const value = profile({ plain: "+8613800138000" });
    const cells = await store(value);
    expect((await mask(cells, elsewhere))[0]?.state).toBe("open");
    expect(await inCommand(app(), async (tx) => await vault.shred(tx, value))).toBe(
      cells[0]?.envelope?.split(".")[2],
    );
    expect(await mask(cells, elsewhere)).toEqual([{ state: "shredded", text: "" }]);
    await expect(reveal(released(cells, { legalBasis: "court-order" }), cells)).rejects.toThrow(Refusal);
  });

  test("leaves no wrapped key behind, and never comes back", async () => {
    const value = profile({ plain: "+8613800138000" });
    await store(value);
    await inCommand(app(), async (tx) => await vault.shred(tx, value));
    const { rows } = await db.owner.query("SELECT state, wrapped FROM vault.dek WHERE subject_id = $1", [
      value.subject,
    ]);
    expect(rows).toEqual([{ state: "shredded", wrapped: null }]);
    await expect(store(value)).rejects.toEqual(refusal("frozen", "vault_key_shredded"));
    const revive = inCommand(db.owner, async (_, client) => {
      await client.query(
        "UPDATE vault.dek SET state = 'active', wrapped = $2, shredded_at = NULL WHERE subject_id = $1",
        [value.subject, randomBytes(60)],
      );
    });
    await expect(revive).rejects.toThrow(/shredded cannot become active/);
    await expect(
      inCommand(
        db.owner,
        async (_, c) => await c.query("DELETE FROM vault.dek WHERE subject_id = $1", [value.subject]),
      ),
    ).rejects.toThrow(/only grows/);
  });

  test("of one purpose leaves the others of the same person alone", async () => {
    const value = profile({ plain: "+8613800138000" });
    const order = { ...value, purpose: "trade", table: "orders.recipient" } as const;
    const cells = await store(value, order);
    await inCommand(app(), async (tx) => await vault.shred(tx, value));
    expect((await mask(cells)).map((m) => m.state)).toEqual(["shredded", "open"]);
  });
});

describe("the program's own data", () => {
  const plain = Buffer.from('{"phone":"13800138000"}');
  const seal = async (label: string, id?: string) =>
    await inCommand(app(), async (tx) => await vault.seal(tx, label, plain, id));
  const unseal = async (label: string, sealed: string, id?: string) =>
    await inQuery(reader(), async (tx) => await vault.unseal(tx, label, sealed, id));

  test("opens under its label and its row only", async () => {
    const id = uuidv7();
    const sealed = await seal("door.result", id);
    expect(await unseal("door.result", sealed, id)).toEqual(plain);
    await expect(unseal("door.result", sealed, uuidv7())).rejects.toThrow(SealError);
    await expect(unseal("door.result", sealed)).rejects.toThrow(SealError);
    await expect(unseal("door.draft", sealed, id)).rejects.toThrow(SealError);
    await expect(unseal("staff.totp", sealed, id)).rejects.toThrow(SealError);
  });

  test("a label must name its system", async () => {
    await expect(seal("members.phone")).rejects.toThrow(/starts with/);
  });

  test("a member's value does not open as the program's own", async () => {
    const [stored] = await store(profile({ plain: "+8613800138000" }));
    await expect(unseal("door.result", stored?.envelope ?? "")).rejects.toThrow(SealError);
  });

  test("keyed digests agree between processes and differ by label", () => {
    expect(vault.digest("door.input", plain)).toEqual(elsewhere.digest("door.input", plain));
    expect(vault.digest("door.input", plain)).not.toEqual(vault.digest("door.other", plain));
  });
});

describe("a commitment in the log", () => {
  const commit = async (owner: string, event: string, plain: string) => {
    const of = { owner, event, slot: "phone.before" };
    const [cell] = await store(profile({ subject: owner, plain }));
    if (cell === undefined) throw new Error("one was stored");
    const [made] = await inCommand(app(), async (tx) => await vault.commit(tx, [{ ...of, cell }]));
    if (!made) throw new Error("one was committed");
    return { of, cell, ...made };
  };
  const field = (event: string) => ({ table: "audit.detail", column: "phone.before", rowId: event });

  test("opens with salt and value for somebody with a release, and for nothing else", async () => {
    const event = uuidv7();
    const { of, commit: hash, detail } = await commit(uuidv7(), event, "13800138000");
    const [opened] = await inQuery(
      reader(),
      async (tx) => await vault.revealDetails(tx, released([field(event)]), [{ ...of, detail }]),
    );
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(opened?.value).toBe("13800138000");
    expect(opened && opensCommitment(hash, opened)).toBe(true);
    expect(opened && opensCommitment(hash, { ...opened, value: "13800138001" })).toBe(false);
    await expect(
      inQuery(
        reader(),
        async (tx) => await vault.revealDetails(tx, released([field(uuidv7())]), [{ ...of, detail }]),
      ),
    ).rejects.toEqual(refusal("denied", "vault_not_released"));
  });

  test("is made of the value: SHA-256 of 32 bytes of salt and the value, as anybody can work it out", async () => {
    const event = uuidv7();
    const { of, commit: hash, detail } = await commit(uuidv7(), event, "13800138000");
    const [opened] = await inQuery(
      reader(),
      async (tx) => await vault.revealDetails(tx, released([field(event)]), [{ ...of, detail }]),
    );
    const salt = opened?.salt ?? Buffer.alloc(0);
    expect(salt).toHaveLength(32);
    expect(createHash("sha256").update(salt).update("13800138000").digest("hex")).toBe(hash);
  });

  test("is none where there is no value, and none of what is restricted or erased", async () => {
    const { cell } = await commit(uuidv7(), uuidv7(), "13800138000");
    const commits = async (...cells: SealedCell[]) =>
      await inCommand(
        app(),
        async (tx) =>
          await vault.commit(
            tx,
            cells.map((one) => ({ event: uuidv7(), slot: "phone.after", cell: one })),
          ),
      );
    const moved = { ...cell, rowId: uuidv7() };
    expect(await commits({ ...cell, envelope: null }, moved)).toEqual([null, null]);
    const key = { subject: cell.subject, purpose: "profile" } as const;
    await inCommand(app(), async (tx) => await vault.restrict(tx, key));
    await expect(commits(cell)).rejects.toEqual(refusal("frozen", "vault_key_restricted"));
    await inCommand(app(), async (tx) => await vault.shred(tx, key));
    await expect(commits(cell)).rejects.toEqual(refusal("not-found", "vault_key_shredded"));
  });

  test("to the same value is another each time", async () => {
    const [a, b] = [await commit(uuidv7(), uuidv7(), "female"), await commit(uuidv7(), uuidv7(), "female")];
    expect(a.commit).not.toBe(b.commit);
  });
});

test("declared indexes are kept with their leak budget, once, and answer by name", async () => {
  const of = { table: "test.person", column: "name_bx", transform: "name", rows: 100_000 } as const;
  const phone = { table: "test.person", column: "phone_bx", transform: "phone", rows: 100_000 } as const;
  await inCommand(app(), async (tx) => await vault.declareIndexes(tx, [of, phone]));
  await inCommand(app(), async (tx) => await elsewhere.declareIndexes(tx, [of, { ...phone, rows: 5 }]));
  const mine = (await inQuery(reader(), async (tx) => await vault.indexDefinitions(tx))).filter(
    (index) => index.table === "test.person",
  );
  expect(mine).toEqual([
    {
      ...of,
      version: 1,
      exact: false,
      entropyBits: 12,
      bits: 12,
      coincidences: 100_000 / 4096,
      state: "current",
    },
    {
      ...phone,
      version: 1,
      exact: true,
      entropyBits: 32,
      bits: 128,
      coincidences: 100_000 / 2 ** 32,
      state: "current",
    },
  ]);
  const here = await inQuery(reader(), async (tx) => await vault.indexes(tx));
  const there = await inQuery(reader(), async (tx) => await elsewhere.indexes(tx));
  expect(here(phone)("138 0013 8000")).toEqual(there(phone)("+8613800138000"));
  expect(() => here({ ...phone, column: "mobile_bx" })).toThrow(/no index phone over/);
});

test("no value, no key and no secret stands in the vault's tables", async () => {
  await store(
    profile({ plain: "+8613800138000" }),
    profile({ plain: "张伟的电话", column: "name_ct", type: "name" }),
  );
  const { rows } = await db.owner.query<{ text: string }>(
    "SELECT dek::text AS text FROM vault.dek UNION ALL SELECT i::text FROM vault.blind_index i",
  );
  const dump = rows.map((row) => row.text).join("\n");
  expect(dump).not.toMatch(/13800138000|张伟|3133383030313338303030/);
});
