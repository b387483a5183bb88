import { createHash } from "node:crypto";
import type { Gate, Policy } from "../../door/policy.ts";
import type { Param, Params } from "../../door/param.ts";
import { stepUpMinutes } from "../../door/door.ts";
import { AccessFile, type RoleRule } from "./access-file.ts";
import { type PolicyDocument, readDocument } from "./document-file.ts";
import { type FileError, PolicyFileError, readYaml, type YamlFile } from "./yaml-file.ts";

/** What the program offers, against which the files are checked: their names are a closed set. */
export interface Vocabulary {
  permissions: ReadonlySet<string>;
  /** Commands that open plaintext; four eyes cannot stand before them, because the requester is gone by then. */
  reveals: ReadonlySet<string>;
  /** Reads, before which no gate stands. */
  queries?: ReadonlySet<string>;
  /** The least gate of each command that has one. */
  gates?: ReadonlyMap<string, "none" | "step-up" | "four-eyes">;
  params: readonly Param<unknown>[];
}

/** Without this permission nobody gets as far as the question which roles they may give. */
const GRANTING = "staff.roles.grant";

export interface PolicySource {
  document: string;
  /** Path for error messages: `policies/access.yaml`. */
  file: string;
  text: string;
}

/** The rules of one set of versions, ready to be asked. */
export interface CompiledPolicy extends Policy {
  access: AccessFile;
  documents: readonly PolicyDocument[];
  roles: ReadonlyMap<string, RoleRule>;
  /** The permissions of a set of roles, those of everyone included. Unknown roles give nothing. */
  permissionsOf(roles: readonly string[]): Set<string>;
  service(kind: "scheduler" | "operator"): ReadonlySet<string>;
  isDangerous(permission: string): boolean;
}

/**
 * Compiles a set of files that come in. Refuses, with file and line: a permission that no module offers, a role that
 * does not exist, or that is to grant roles and may not, a role that breaks a duty by itself, a gate before a query or
 * a reveal that cannot work, a parameter twice, missing or past the code's ceiling.
 */
export function compilePolicy(sources: readonly PolicySource[], vocabulary: Vocabulary): CompiledPolicy {
  const read = readAll(sources, vocabulary);
  const errors = [...read.errors, ...missing(vocabulary, read)];
  if (read.access === undefined || errors.length > 0) throw new PolicyFileError(errors);
  return policyOf(read.access, read.documents, read.values, setDigest(sources));
}

/**
 * Compiles what is in force. It was checked when it came in, by a program that may have been another version: names
 * that this one does not know give nothing, and the value of a parameter that is newer than the version in force comes
 * from the shipped files. Refuses only what cannot be obeyed at all.
 */
export function compileInForce(
  held: readonly PolicySource[],
  shipped: readonly PolicySource[],
  vocabulary: Vocabulary,
): CompiledPolicy {
  const read = readAll(held, vocabulary);
  const newer = readAll(shipped, vocabulary).values;
  const lent: [name: string, value: unknown][] = [];
  for (const { name } of vocabulary.params) {
    // a value in force that this program refuses stays an error: what is shipped does not overrule it
    if (!read.values.has(name) && !read.refused.has(name) && newer.has(name))
      lent.push([name, newer.get(name)]);
  }
  for (const [name, value] of lent) read.values.set(name, value);
  const errors = [...read.errors.filter((e) => e.unknownHere !== true), ...missing(vocabulary, read)];
  if (read.access === undefined || errors.length > 0) throw new PolicyFileError(errors);
  return policyOf(read.access, read.documents, read.values, setDigest(held, lent));
}

/**
 * One name for everything in force: SHA-256 over a line a document (`name sha256`, sorted), and one for each parameter
 * that no document in force gives (`+name value`). Events carry it, so that one parameter more or less shows in them.
 */
function setDigest(
  sources: readonly PolicySource[],
  lent: readonly (readonly [name: string, value: unknown])[] = [],
): string {
  const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
  const lines = [
    ...sources.map(({ document, text }) => `${document} ${sha256(text)}\n`).toSorted(),
    ...lent.map(([name, value]) => `+${name} ${JSON.stringify(value)}\n`).toSorted(),
  ];
  return sha256(lines.join(""));
}

interface ReadSet {
  access: AccessFile | undefined;
  documents: PolicyDocument[];
  values: Map<string, unknown>;
  /** Parameters that stand somewhere with a value that is not allowed. */
  refused: Set<string>;
  /** A document could not be read: what is missing may stand there. */
  incomplete: boolean;
  errors: FileError[];
}

/** Reads and checks every file that can be read, and collects what is wrong with the others. */
function readAll(sources: readonly PolicySource[], vocabulary: Vocabulary): ReadSet {
  const read: ReadSet = {
    access: undefined,
    documents: [],
    values: new Map(),
    refused: new Set(),
    incomplete: false,
    errors: [],
  };
  const attempt = <T>(one: () => T): T | undefined => {
    try {
      return one();
    } catch (error) {
      if (!(error instanceof PolicyFileError)) throw error;
      read.errors.push(...error.errors);
      return undefined;
    }
  };
  const source = sources.find((s) => s.document === "access");
  if (source === undefined)
    read.errors.push({ file: "policies/access.yaml", line: 1, message: "is missing" });
  else {
    const file = attempt(() => readYaml(source.file, source.text, AccessFile));
    if (file !== undefined) read.errors.push(...checkAccess(source.file, file, vocabulary));
    read.access = file?.value;
  }
  for (const other of sources.filter((s) => s !== source)) {
    const file = attempt(() => readDocument(other.file, other.text));
    if (file === undefined) read.incomplete = true;
    else readParameters(read, other, file, vocabulary);
  }
  return read;
}

function readParameters(
  read: ReadSet,
  source: PolicySource,
  { value: document, line }: YamlFile<PolicyDocument>,
  vocabulary: Vocabulary,
): void {
  const fail = (path: readonly PropertyKey[], message: string) =>
    read.errors.push({ file: source.file, line: line(path), message });
  read.documents.push(document);
  if (document.id !== source.document) fail(["id"], `the file of ${document.id} has another name`);
  const owner = document.owner.replace(/^role:/, "");
  if (read.access !== undefined && !Object.hasOwn(read.access.roles, owner))
    fail(["owner"], `there is no role ${owner}`);
  for (const [name, value] of Object.entries(document.parameters)) {
    const path = ["parameters", name];
    const known = vocabulary.params.find((p) => p.name === name);
    if (known === undefined) {
      const message = `parameter ${name} is read by nothing`;
      read.errors.push({ file: source.file, line: line(path), message, unknownHere: true });
    } else if (read.values.has(name) || read.refused.has(name)) {
      fail(path, `parameter ${name} stands in two documents`);
    } else {
      const parsed = known.schema.safeParse(value);
      if (parsed.success) read.values.set(name, parsed.data);
      else {
        read.refused.add(name);
        fail(path, `parameter ${name}: ${parsed.error.issues[0]?.message ?? "wrong"}`);
      }
    }
  }
}

function missing(vocabulary: Vocabulary, read: ReadSet): FileError[] {
  if (read.incomplete) return []; // the document's own error says why
  return vocabulary.params
    .filter(({ name }) => !read.values.has(name) && !read.refused.has(name))
    .map(({ name }) => ({
      file: "policies/documents",
      line: 1,
      message: `no document gives the parameter ${name}`,
    }));
}

function checkAccess(
  file: string,
  { value: access, line }: YamlFile<AccessFile>,
  vocabulary: Vocabulary,
): FileError[] {
  const errors: FileError[] = [];
  const fail = (path: readonly PropertyKey[], message: string) =>
    errors.push({ file, line: line(path), message });
  const known = (permission: string, path: readonly PropertyKey[]) => {
    if (vocabulary.permissions.has(permission)) return;
    errors.push({ file, line: line(path), message: `no module offers ${permission}`, unknownHere: true });
  };
  const list = (permissions: readonly string[], path: readonly PropertyKey[]) => {
    const seen = new Set<string>();
    permissions.forEach((permission, i) => {
      known(permission, [...path, i]);
      if (seen.has(permission)) fail([...path, i], `${permission} stands twice`);
      seen.add(permission);
    });
  };
  list(access.everyone, ["everyone"]);
  list(access.dangerous, ["dangerous"]);
  list(access.services.scheduler, ["services", "scheduler"]);
  list(access.services.operator, ["services", "operator"]);
  list(access.break_glass.permissions, ["break_glass", "permissions"]);
  const role = (name: string, path: readonly PropertyKey[]) => {
    if (!Object.hasOwn(access.roles, name)) fail(path, `there is no role ${name}`);
  };
  // such an entry gives nobody anything, so a file in force is obeyed without it
  const mayGrant = (name: string, path: readonly PropertyKey[]) => {
    const rule = Object.hasOwn(access.roles, name) ? access.roles[name] : undefined;
    if (rule === undefined || !vocabulary.permissions.has(GRANTING) || rule.permissions.includes(GRANTING))
      return;
    errors.push({
      file,
      line: line(path),
      message: `role ${name} grants nothing: it lacks ${GRANTING}`,
      unknownHere: true,
    });
  };
  for (const [name, rule] of Object.entries(access.roles)) {
    list(rule.permissions, ["roles", name, "permissions"]);
    rule.granted_by.forEach((by, i) => {
      const path = ["roles", name, "granted_by", i];
      role(by, path);
      mayGrant(by, path);
    });
    for (const conflict of conflictsIn(access, new Set([...access.everyone, ...rule.permissions]))) {
      fail(
        ["roles", name, "permissions"],
        `role ${name} breaks the duty ${conflict.duty}: ${conflict.one} and ${conflict.other}`,
      );
    }
  }
  for (const [command, gate] of Object.entries(access.gates)) {
    known(command, ["gates", command]);
    if (vocabulary.queries?.has(command) === true)
      fail(["gates", command], `${command} only reads; a gate stands before a command`);
    if (gate.kind !== "four-eyes") continue;
    gate.from.forEach((from, i) => role(from, ["gates", command, "from", i]));
    if (vocabulary.reveals.has(command))
      fail(
        ["gates", command],
        `${command} shows plaintext; four eyes belongs before the command that asks for it`,
      );
  }
  const strength = { none: 0, "step-up": 1, "four-eyes": 2 } as const;
  for (const [command, least] of vocabulary.gates ?? []) {
    const gate = access.gates[command]?.kind ?? "none";
    if (strength[gate] < strength[least])
      fail(["gates", command], `${command} needs at least ${least} before it`);
  }
  access.duties.static.forEach((duty, i) => {
    list(duty.one, ["duties", "static", i, "one"]);
    list(duty.other, ["duties", "static", i, "other"]);
  });
  access.duties.dynamic.forEach((duty, i) => {
    known(duty.command, ["duties", "dynamic", i, "command"]);
    list(duty.after, ["duties", "dynamic", i, "after"]);
  });
  return errors;
}

function conflictsIn(
  access: AccessFile,
  held: ReadonlySet<string>,
): { duty: string; one: string; other: string }[] {
  return access.duties.static.flatMap((duty) => {
    const one = duty.one.find((p) => held.has(p));
    const other = duty.other.find((p) => held.has(p));
    return one === undefined || other === undefined ? [] : [{ duty: duty.id, one, other }];
  });
}

function policyOf(
  access: AccessFile,
  documents: readonly PolicyDocument[],
  values: ReadonlyMap<string, unknown>,
  set: string,
): CompiledPolicy {
  // the values were parsed by the very schema of the parameter they are asked for
  const params: Params = <T>(of: Param<T>) => {
    if (!values.has(of.name)) throw new Error(`the parameter ${of.name} was not declared by a module`);
    return values.get(of.name) as T;
  };
  const roles = new Map(Object.entries(access.roles));
  const remembered = new Set(access.duties.dynamic.flatMap((duty) => duty.after));
  const dangerous = new Set(access.dangerous);
  const services = {
    scheduler: new Set(access.services.scheduler),
    operator: new Set(access.services.operator),
  };
  return {
    id: access.id,
    version: access.version,
    set,
    access,
    documents,
    roles,
    params,
    gate: (command) => gateOf(access, command, params),
    duties: (command) => access.duties.dynamic.filter((duty) => duty.command === command),
    remembers: (command) => remembered.has(command),
    holders: (permission) =>
      [...roles].filter(([, rule]) => rule.permissions.includes(permission)).map(([name]) => name),
    permissionsOf: (names) =>
      new Set([...access.everyone, ...names.flatMap((name) => roles.get(name)?.permissions ?? [])]),
    service: (kind) => services[kind],
    isDangerous: (permission) => dangerous.has(permission),
  };
}

function gateOf(access: AccessFile, command: string, params: Params): Gate {
  const gate = access.gates[command];
  if (gate === undefined) return { kind: "none" };
  if (gate.kind === "four-eyes") {
    return {
      kind: "four-eyes",
      quorum: gate.quorum,
      from: gate.from,
      minutes: gate.hours * 60,
      ask: gate.ask,
    };
  }
  return gate.level === "fresh"
    ? { kind: "step-up", level: "fresh", minutes: params(stepUpMinutes) }
    : { kind: "step-up", level: "bound" };
}
