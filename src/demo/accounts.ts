import { randomInt } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { generateSync } from "otplib";

/** One line of `accounts.json`: what a visitor needs to sign in as somebody. */
export interface DemoAccount {
  login: string;
  password: string;
  totpSecret: string;
  roles: readonly string[];
  language: "zh-CN" | "en";
}

const FILE = "accounts.json";

const words = [
  "amber",
  "bamboo",
  "cedar",
  "copper",
  "crane",
  "ember",
  "ferry",
  "garden",
  "harbor",
  "indigo",
  "jasmine",
  "lantern",
  "lotus",
  "maple",
  "meadow",
  "orchid",
  "pebble",
  "pepper",
  "plum",
  "quartz",
  "river",
  "saffron",
  "silver",
  "sparrow",
  "stone",
  "summit",
  "teapot",
  "thunder",
  "velvet",
  "willow",
  "window",
  "zephyr",
] as const;

/** Four words and a number: easy to type, long enough for the console's own rule, new in every demo. */
export function demoPassword(): string {
  const pick = () => words[randomInt(words.length)] ?? "stone";
  return `${pick()}-${pick()}-${pick()}-${pick()}-${randomInt(100, 1000)}`;
}

export async function readAccounts(dataDir: string): Promise<DemoAccount[] | null> {
  const text = await readFile(join(dataDir, FILE), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  // written by `writeAccounts` below
  return text === null ? null : (JSON.parse(text) as DemoAccount[]);
}

export async function writeAccounts(dataDir: string, accounts: readonly DemoAccount[]): Promise<void> {
  await writeFile(join(dataDir, FILE), `${JSON.stringify(accounts, null, 2)}\n`, { mode: 0o600 });
}

/** The six digits that this account's authenticator shows now. */
export function codeOf(account: DemoAccount): string {
  return generateSync({ secret: account.totpSecret });
}
