import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { modules } from "../../src/app.ts";
import { projectRoot } from "../../src/platform/root.ts";
import { filesWith } from "./source.ts";

const root = projectRoot();
const read = (path: string) => readFileSync(join(root, path), "utf8");
const directory = mkdtempSync(join(tmpdir(), "components-"));
afterAll(() => rmSync(directory, { recursive: true }));

const Components = z.strictObject({
  deadline_days: z.strictObject({
    critical: z.int().max(7),
    high: z.int().max(30),
    moderate: z.int().max(90),
    low: z.int().max(180),
  }),
  update_days: z.int().max(180),
  watched: z.record(z.string(), z.string().min(10)),
  open: z.array(
    z.strictObject({
      id: z.string().min(1),
      package: z.string().min(1),
      severity: z.enum(["critical", "high", "moderate", "low"]),
      known: z.iso.date(),
      plan: z.string().min(10),
    }),
  ),
});
const components = Components.parse(parse(read("policies/components.yaml")));

const Lock = z.object({
  packages: z.record(z.string(), z.object({ version: z.string(), integrity: z.string().optional() })),
});
const Manifest = z.object({
  name: z.string(),
  scripts: z.record(z.string(), z.string()),
  dependencies: z.record(z.string(), z.string()),
  devDependencies: z.record(z.string(), z.string()),
});
const manifest = Manifest.parse(JSON.parse(read("package.json")));
const { "": _program, ...locked } = Lock.parse(JSON.parse(read("package-lock.json"))).packages;

describe("15.1.1, 15.2.1 flaws of components have a deadline", () => {
  test("15.1.1 the page says what the policy says", () => {
    const page = read("docs/components.md");
    for (const [severity, days] of Object.entries(components.deadline_days))
      expect(page).toContain(`| ${severity} | ${days} |`);
    expect(page).toContain(`at least every ${components.update_days} days`);
  });

  test("15.1.1 worse flaws have shorter deadlines, and what is watched is still in use", () => {
    const { critical, high, moderate, low } = components.deadline_days;
    expect([critical, high, moderate, low]).toEqual(
      [critical, high, moderate, low].toSorted((a, b) => a - b),
    );
    for (const name of Object.keys(components.watched)) expect(manifest.dependencies).toHaveProperty([name]);
  });

  /** What the judge says of one advisory of high severity, known since 1 March or not listed at all. */
  function judge(today: string, open: object[], report?: object) {
    const advisory = { name: "leftpad", severity: "high", url: "https://github.com/advisories/GHSA-1" };
    const files = { report: join(directory, "report.json"), policy: join(directory, "policy.json") };
    writeFileSync(
      files.report,
      JSON.stringify(report ?? { vulnerabilities: { leftpad: { via: [advisory] } } }),
    );
    writeFileSync(files.policy, JSON.stringify({ ...components, open }));
    const args = ["--report", files.report, "--policy", files.policy, "--today", today];
    const { status, stdout } = spawnSync(process.execPath, [join(root, "scripts/advisories.mjs"), ...args], {
      encoding: "utf8",
    });
    return { status, stdout };
  }

  test("15.2.1 the pipeline judges what the registry knows, and stops at what is overdue", () => {
    const listed = [
      { id: "GHSA-1", package: "leftpad", severity: "high", known: "2026-03-01", plan: "update" },
    ];
    expect(judge("2026-03-15", listed).status).toBe(0);
    expect(judge("2026-03-16", listed)).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("GHSA-1 (leftpad) high, known since 2026-03-01: more than 14 days"),
    });
    expect(judge("2026-03-01", [])).toMatchObject({
      status: 1,
      stdout: expect.stringContaining("nobody has judged it"),
    });
    expect(judge("2026-03-01", [{ ...listed[0], known: "soon" }]).status).toBe(1);
    expect(judge("2026-03-01", [], { vulnerabilities: {} }).status).toBe(0);
    expect(judge("2026-03-01", [], { message: "405 Method Not Allowed" }).status).toBe(3);
    expect(read(".ci/run")).toMatch(/^npm run advisories \|\| \(\(\$\? == 3\)\)$/m);
  });
});

describe("15.1.2 the build says what the program is made of", () => {
  const Sbom = z.object({
    bomFormat: z.literal("CycloneDX"),
    specVersion: z.literal("1.6"),
    serialNumber: z
      .string()
      .regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/),
    components: z.array(
      z.object({
        name: z.string(),
        version: z.string(),
        purl: z.string(),
        scope: z.enum(["required", "optional", "excluded"]),
        hashes: z.tuple([
          z.object({ alg: z.literal("SHA-512"), content: z.string().regex(/^[0-9a-f]{128}$/) }),
        ]),
        licenses: z.array(z.unknown()).min(1),
      }),
    ),
    dependencies: z.array(z.object({ ref: z.string(), dependsOn: z.array(z.string()) })),
  });
  const write = (name: string) => {
    const file = join(directory, name);
    execFileSync(process.execPath, [join(root, "scripts/sbom.mjs"), file]);
    return readFileSync(file, "utf8");
  };
  const text = write("sbom.json");
  const sbom = Sbom.parse(JSON.parse(text));

  test("15.1.2 every locked package is in it with the digest that it is installed by, and nothing else", () => {
    const digests = (name: string, version: string, hex: string) => `${name}@${version} ${hex}`;
    const expected = Object.entries(locked).map(([path, { version, integrity = "" }]) =>
      digests(
        path.replace(/^.*node_modules\//, ""),
        version,
        Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex"),
      ),
    );
    const listed = sbom.components.map(({ name, version, hashes }) =>
      digests(name, version, hashes[0].content),
    );
    expect(listed.sort()).toEqual([...new Set(expected)].sort());
    expect(new Set(sbom.components.map(({ purl }) => purl)).size).toBe(listed.length);
  });

  test("15.1.2 what is installed is what it says", () => {
    const version = z.object({ version: z.string() });
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      const installed = version.parse(JSON.parse(read(`node_modules/${name}/package.json`))).version;
      const found = sbom.components.filter((one) => one.name === name).map((one) => one.version);
      expect(found, name).toContain(installed);
    }
  });

  test("15.1.2 it says who needs whom, and what does not run in production", () => {
    const known = new Set(sbom.dependencies.map(({ ref }) => ref));
    for (const { dependsOn } of sbom.dependencies) for (const ref of dependsOn) expect(known).toContain(ref);
    const ours = sbom.dependencies.find(({ ref }) => ref.startsWith(`pkg:npm/${manifest.name}@`));
    for (const [name, version] of Object.entries(manifest.dependencies))
      expect(ours?.dependsOn).toContain(`pkg:npm/${name.replace("@", "%40")}@${version}`);
    const scope = (name: string) => sbom.components.find((one) => one.name === name)?.scope;
    expect([scope("hono"), scope("vitest")]).toEqual(["required", "excluded"]);
  });

  test("15.1.2 the build writes it, the same every time", () => {
    expect(manifest.scripts["build"]).toContain("node scripts/sbom.mjs");
    expect(write("again.json")).toBe(text);
    // npm test builds first
    expect(existsSync(join(root, "dist/sbom.cdx.json"))).toBe(true);
  });
});

describe("15.1.3 what is expensive is known, and bounded", () => {
  const rows = [
    ...read("docs/expensive.md").matchAll(
      /^\| (?:`([^`]+)`|([^|`]+)) \| [^|]+ \| ([^|]+) \| `(src\/[^`]+)` \|$/gm,
    ),
  ].map(([, code, words, bound = "", file = ""]) => ({ what: code ?? words ?? "", bound, file }));

  test("15.1.3 every job, every large upload, every slow hash and every stream is on the page", () => {
    const jobs = modules.flatMap((module) => module.jobs).map(({ name }) => name);
    const uploads = modules
      .flatMap((module) => module.routes)
      .filter((route) => route.limit !== undefined)
      .map((route) => `${route.method.toUpperCase()} ${route.path}`);
    const names = rows.map(({ what }) => what);
    expect([...jobs, ...uploads].filter((name) => !names.includes(name))).toEqual([]);
    const files = rows.map(({ file }) => file);
    const heavy = filesWith(
      /\bargon2\.hash\(|\bscryptSync\(|new (PassThrough|ReadableStream)\b|Request\(url/,
    );
    expect(heavy.filter((file) => !files.includes(file))).toEqual([]);
  });

  test("15.1.3 no job is on the page that is gone", () => {
    const jobs = modules.flatMap((module) => module.jobs).map(({ name }) => name);
    const listed = rows.map(({ what }) => what).filter((what) => /^[a-z]+\.[a-z_]+$/.test(what));
    expect(listed.filter((name) => !jobs.includes(name))).toEqual([]);
  });

  test.each(rows)("15.1.3 $what: its bounds stand where the page says", ({ bound, file }) => {
    const params = new Set(modules.flatMap((module) => module.params).map(({ name }) => name));
    const text = read(file);
    for (const [, named = ""] of bound.matchAll(/`([^`]+)`/g)) {
      if (/^[a-z_]+$/.test(named)) expect(params).toContain(named);
      else expect(text + read("src/platform/outbox/delivery.ts")).toContain(named);
    }
    expect(bound.length).toBeGreaterThan(3);
  });
});
