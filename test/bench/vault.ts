/* eslint-disable unicorn/require-post-message-target-origin -- a worker thread has no origin */
import { createDecipheriv, createSecretKey, hkdfSync, type KeyObject, randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import {
  type CompiledQuery,
  type DatabaseConnection,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from "kysely";
import { systemClock } from "../../src/door/clock.ts";
import { uuidv7 } from "../../src/door/ids.ts";
import type { SealedCell } from "../../src/platform/vault/address.ts";
import type { KeyRow } from "../../src/platform/vault/data-keys.ts";
import { sealEnvelope } from "../../src/platform/vault/envelope.ts";
import { keyCache } from "../../src/platform/vault/key-cache.ts";
import { openKeyring } from "../../src/platform/vault/keyring.ts";
import { openCells } from "../../src/platform/vault/open-cells.ts";
import { pae } from "../../src/platform/vault/pae.ts";

/** Every value has a key of its own, and there are more than the key cache holds: no key is found in memory. */
const VALUES = 20_000;
const BATCH = 500;
const ROUNDS = 25;
const LIMIT = 0.8;
const NO_SALT = Buffer.alloc(0);
const INFO = pae(["members.member", "phone_ct", "A256GCM"]);

/** A stored value as a bare loop gets it: the texts and bytes of the database, in one piece. */
interface Bare {
  wrapped: Buffer;
  dekId: string;
  envelope: string;
  place: Omit<SealedCell, "envelope">;
}

/**
 * Bulk decryption through the vault against a bare node:crypto loop over the same stored values in the same run, which
 * also unwraps each key, derives the field key and opens the value at its place. The loop uses node:crypto in its
 * fastest form (KeyObject, everything constant made beforehand) and leaves out what makes the vault one: states of
 * keys, owners, strict parsing, batches. Key rows come from memory in both: a database would hide the difference.
 */
export async function run() {
  const [vault, bare] = await Promise.all([contestant("vault"), contestant("bare")]);
  await vault.turn(); // warms the compilers up
  await bare.turn();
  const ratios: number[] = [];
  let detail = "";
  for (let round = 0; round < ROUNDS; round += 1) {
    const [ours, theirs] = [VALUES / (await vault.turn()), VALUES / (await bare.turn())];
    ratios.push(ours / theirs);
    detail = `${Math.round(ours * 1000)} a second through the vault, ${Math.round(theirs * 1000)} bare`;
  }
  await Promise.all([vault.end(), bare.end()]);
  const ratio = ratios.toSorted((x, y) => x - y)[Math.floor(ROUNDS / 2)] ?? 0;
  return [
    { name: "vault: bulk decrypt / bare node:crypto", ratio, limit: LIMIT, passed: ratio >= LIMIT, detail },
  ];
}

/** Each has a thread, and so a heap and a compiler, of its own: neither pays for the other's garbage. They take turns. */
async function contestant(name: "vault" | "bare") {
  const worker = new Worker(new URL(import.meta.url), { workerData: name });
  await once(worker, "message");
  return {
    /** Opens all values once; gives milliseconds. */
    async turn(): Promise<number> {
      worker.postMessage("turn");
      const [ms] = await once(worker, "message");
      return Number(ms);
    },
    end: async () => await worker.terminate(),
  };
}

if (!isMainThread && (workerData === "vault" || workerData === "bare")) {
  const stage = await prepare();
  parentPort?.on("message", () => {
    void takeTurn(stage, workerData).then((ms) => parentPort?.postMessage(ms));
  });
  parentPort?.postMessage("ready");
}

async function takeTurn(stage: Stage, name: string): Promise<number> {
  const started = performance.now();
  for (let at = 0; at < VALUES; at += BATCH) {
    const opened =
      name === "vault"
        ? await throughVault(stage, stage.cells.slice(at, at + BATCH))
        : bareLoop(stage.kek, stage.bare.slice(at, at + BATCH));
    if (opened !== BATCH) throw new Error(`${name} opened ${opened} of ${BATCH}`);
  }
  return performance.now() - started;
}

async function throughVault({ access, db }: Stage, cells: readonly SealedCell[]): Promise<number> {
  let opened = 0;
  for (const cell of await openCells(access, db, cells)) {
    if (cell.state === "open" && cell.plain.toString("utf8").length === 14) opened += 1;
  }
  return opened;
}

function bareLoop(kek: KeyObject, values: readonly Bare[]): number {
  let opened = 0;
  for (const { wrapped, dekId, envelope, place } of values) {
    const keyAad = pae(["gatehouse-dek-1", place.subject, dekId, "profile"]);
    const dek = createSecretKey(gcm(kek, wrapped.subarray(0, 12), keyAad, wrapped.subarray(12)));
    const key = createSecretKey(Buffer.from(hkdfSync("sha256", dek, NO_SALT, INFO, 32)));
    const [, , , nonce = "", sealed = ""] = envelope.split(".");
    const aad = pae([
      "e1",
      "A256GCM",
      place.table,
      place.column,
      place.rowId,
      place.subject,
      dekId,
      place.type,
    ]);
    const plain = gcm(key, Buffer.from(nonce, "base64url"), aad, Buffer.from(sealed, "base64url"));
    if (plain.subarray(0, 14).toString("utf8").length === 14) opened += 1;
  }
  return opened;
}

function gcm(key: KeyObject, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  decipher.setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = decipher.update(sealed.subarray(0, -16));
  decipher.final();
  return plain;
}

type Stage = Awaited<ReturnType<typeof prepare>>;

async function prepare() {
  const home = await mkdtemp(join(tmpdir(), "gatehouse-bench-"));
  const path = join(home, "keyring.json");
  const provider = await openKeyring({ path, clock: systemClock });
  const kek = /"key": "([\w-]{43})"/.exec(await readFile(path, "utf8"))?.[1] ?? "";
  const fresh = Array.from({ length: VALUES }, () => ({
    dekId: uuidv7(),
    subject: uuidv7(),
    purpose: "profile" as const,
    key: createSecretKey(randomBytes(32)),
  }));
  const wrapped = await provider.wrap(fresh);
  await rm(home, { recursive: true });

  const rows = new Map<string, KeyRow>();
  const cells: SealedCell[] = [];
  const bare: Bare[] = [];
  for (const [at, dek] of fresh.entries()) {
    const under = wrapped[at];
    if (under === undefined) throw new Error("the provider wrapped fewer keys than it was given");
    const { key: _, ...identity } = dek;
    rows.set(dek.dekId, { ...identity, ...under, state: "active" });
    const place = {
      subject: dek.subject,
      table: "members.member",
      column: "phone_ct",
      rowId: dek.subject,
      type: "phone",
    } as const;
    const envelope = sealEnvelope(dek, place, Buffer.from(`+86138${String(at).padStart(8, "0")}`));
    cells.push({ ...place, envelope });
    bare.push({ wrapped: under.wrapped, dekId: dek.dekId, envelope, place });
  }
  const access = { provider, cache: keyCache(systemClock), clock: systemClock };
  return { kek: createSecretKey(kek, "base64url"), bare, cells, access, db: memoryDatabase(rows) };
}

/** Answers the one statement of the vault's read path from memory. */
function memoryDatabase(keys: ReadonlyMap<string, KeyRow>): Kysely<unknown> {
  class Memory extends DummyDriver {
    override async acquireConnection(): Promise<DatabaseConnection> {
      return {
        async executeQuery<R>({ parameters }: CompiledQuery): Promise<QueryResult<R>> {
          const [ids] = parameters; // the statement's only one
          const rows = Array.isArray(ids) ? ids.flatMap((id: string) => keys.get(id) ?? []) : [];
          // eslint-disable-next-line typescript/no-unsafe-type-assertion -- key rows are what it asked for
          return { rows: rows as R[] };
        },
        async *streamQuery() {},
      };
    }
  }
  return new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new Memory(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
}
