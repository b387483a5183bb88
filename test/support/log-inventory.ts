import type { AnyCommand, AnyQuery } from "../../src/door/command.ts";
import { logEvents } from "../../src/platform/log.ts";
import type { Module } from "../../src/platform/module.ts";

/** What the log writes of itself, and when. */
export const ownActions = {
  "audit.anonymous_failures": "failures of strangers beyond the number a minute that is written one by one",
  "audit.integrity": "a gap that nobody closed, a duplicate, an entry that cannot be read",
  "audit.void": "a number that a rolled-back change had taken",
  "audit.writer_ended": "a writing process is gone, and its range is closed",
} as const;

/** What a command writes beside its own event, one for each object it touched. */
export const furtherActions = {
  "staff.roles.lapse": "a lasting role that nobody looked at in time",
  "members.import.changed": "a member whom an import changed",
  "members.import.created": "a member whom an import created",
} as const;

/** Writes `docs/log-inventory.md` (ASVS 16.1.1). */
export function renderLogInventory(modules: readonly Module[]): string {
  const commands = modules.flatMap((module) => module.commands);
  const looks = modules.flatMap((module) => module.queries).filter((query) => query.logged !== null);
  return `# Log inventory

Generated from the manifests and the list of the operator's events by \`npm run log-inventory\`. Do not edit
(ASVS 16.1.1).

## Where things are written

| log | what | format | where | read by | kept |
|---|---|---|---|---|---|
| audit log | every change, every look at personal data, every refusal | canonical JSON, \`audit.v1\`, UTC | \`audit.log\` in the database | \`audit.search\`, \`audit.entries\`; \`gatehouse audit\` | at least six calendar months; no pruning yet |
| operator's log | requests, errors, attacks, start and stop; ids and codes only | JSON lines, UTC | standard output; the service manager keeps it | operators of the machine | as the service manager is set; at least six months |
| embedded PostgreSQL | start, stop, failed connections; no statement, no value | text, UTC | \`DATA_DIR/postgres/log\` | operators of the machine | a week |

Clocks are the machine's, in UTC; keep it on NTP. All of a console's processes and its database take the same one.

## Operator's log

| event | when |
|---|---|
${lines(Object.entries(logEvents).map(([event, when]) => [code(event), when]))}

Fields: see \`LogFields\` in \`src/platform/log.ts\`. \`LOG_LEVEL\` chooses how much of it is said.

## Audit log: commands

Each with its outcome: success, denied, failure or pending. \`crud\` is c, r, u, d or x; severity 0 to 5.

| action | crud | severity | category | kind |
|---|---|---|---|---|
${lines(commands.toSorted(byName).map(commandLine))}

## Audit log: beside a command

| action | what |
|---|---|
${lines(Object.entries(furtherActions).map(([action, what]) => [code(action), what]))}

## Audit log: looks

Queries whose use is an event.

| action | category |
|---|---|
${lines(looks.toSorted(byName).map((query) => [code(query.name), query.category]))}

## Audit log: of itself

| action | when |
|---|---|
${lines(Object.entries(ownActions).map(([action, when]) => [code(action), when]))}
`;
}

const code = (text: string) => `\`${text}\``;
const lines = (rows: readonly (readonly string[])[]) =>
  rows.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
const byName = (a: AnyCommand | AnyQuery, b: AnyCommand | AnyQuery) => (a.name < b.name ? -1 : 1);
const commandLine = ({ name, crud, severity, category, kind }: AnyCommand) => [
  code(name),
  crud,
  String(severity),
  category,
  kind,
];
