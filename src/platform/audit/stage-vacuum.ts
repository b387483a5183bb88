import type { PoolClient } from "pg";

/** Rows taken between two clean-ups of the stage. */
const EVERY_ROWS = 20_000;

/**
 * Keeps the stage, a queue that empties all the time, from growing by the rows that left it. From PostgreSQL 17 on the
 * sequencer may vacuum the table by itself; before, autovacuum does (its threshold is set on the table).
 */
export class StageVacuum {
  readonly #allowed: boolean;
  #rows = 0;

  private constructor(allowed: boolean) {
    this.#allowed = allowed;
  }

  static async of(client: Pick<PoolClient, "query">): Promise<StageVacuum> {
    const { rows } = await client.query<{ allowed: boolean }>(
      "SELECT current_setting('server_version_num')::int >= 170000 AS allowed",
    );
    return new StageVacuum(rows[0]?.allowed ?? false);
  }

  async took(client: Pick<PoolClient, "query">, rows: number): Promise<void> {
    this.#rows += rows;
    if (!this.#allowed || this.#rows < EVERY_ROWS) return;
    this.#rows = 0;
    await client.query("VACUUM (SKIP_LOCKED) audit.stage");
  }
}
