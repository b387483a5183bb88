import argon2 from "argon2";
import { Refusal } from "../../door/refusal.ts";

/** What argon2id is to cost. `passes` is t, the degree of parallelism is 1. */
export interface HashFigures {
  memoryMib: number;
  passes: number;
  /** Hashes under way at once: each takes its memory, and the console has 200 MB. */
  atATime: number;
}

/** Makes and checks password hashes, a few at a time. */
export interface Hashing {
  hash(password: string, figures: HashFigures): Promise<string>;
  /** Does the same work whether there is a hash or not: without one a dummy is checked and the answer is no. */
  verify(stored: string | null, password: string, figures: HashFigures): Promise<boolean>;
  /** True when the figures have changed since this hash was made. */
  isOld(stored: string, figures: HashFigures): boolean;
}

/** Sign-ins that may wait for their turn; more are told to come back, so that a flood cannot fill the memory. */
const WAITING = 50;

/** `pepper`: 32 bytes that are not in the database, so that a stolen dump cannot be tried against. */
export function hashingWith(pepper: Buffer): Hashing {
  const turn = takingTurns();
  const dummies = new Map<string, Promise<string>>();

  const options = ({ memoryMib, passes }: HashFigures) => ({
    type: argon2.argon2id,
    memoryCost: memoryMib * 1024,
    timeCost: passes,
    parallelism: 1,
  });
  const hash = async (password: string, figures: HashFigures) =>
    await turn(
      figures.atATime,
      async () => await argon2.hash(normal(password), { ...options(figures), secret: pepper }),
    );
  const dummy = async (figures: HashFigures) => {
    const name = `${figures.memoryMib}/${figures.passes}`;
    const made = dummies.get(name) ?? hash("nobody has this password", figures);
    dummies.set(name, made);
    return await made;
  };
  return {
    hash,
    async verify(stored, password, figures) {
      const against = stored ?? (await dummy(figures));
      const right = await turn(
        figures.atATime,
        async () => await argon2.verify(against, normal(password), { secret: pepper }),
      );
      return right && stored !== null;
    },
    isOld: (stored, figures) => argon2.needsRehash(stored, options(figures)),
  };
}

/** Compatibility composition, once, for storing and for checking alike (ASVS 6.2.8). Nothing is trimmed or cut. */
export function normal(password: string): string {
  return password.normalize("NFKC");
}

/** Runs at most so many at a time, in the order of asking. Refuses `unavailable` when too many wait. */
function takingTurns() {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(atATime: number, work: () => Promise<T>): Promise<T> => {
    if (running >= atATime) {
      if (waiting.length >= WAITING) throw new Refusal("unavailable", "busy", { retryAfter: 5 });
      await new Promise<void>((go) => waiting.push(go));
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
