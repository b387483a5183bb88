// Writes what the program is made of, as CycloneDX 1.6, from the lock file alone: the same lock gives the same bytes,
// and no network is asked. The build writes dist/sbom.cdx.json; an argument names another file.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bytes = readFileSync(new URL("../package-lock.json", import.meta.url));
const { packages } = JSON.parse(bytes.toString());
const { "": program, ...installed } = packages;

const nameOf = (path) => path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length);
const purlOf = (path) => `pkg:npm/${nameOf(path).replace("@", "%40")}@${installed[path].version}`;

/** The package that `name` means for the one at `path`: the nearest folder upwards that has it, as node looks for it. */
function resolve(path, name) {
  for (let at = path; ; at = at.slice(0, at.lastIndexOf("node_modules/")).replace(/\/$/, "")) {
    const candidate = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (candidate in installed) return candidate;
    if (at === "") return undefined; // an optional one of another platform
  }
}

const namesIn = (entry) =>
  Object.keys({ ...entry.dependencies, ...entry.optionalDependencies, ...entry.devDependencies });

function dependsOn(path, entry) {
  const found = namesIn(entry).map((name) => resolve(path, name));
  return [...new Set(found.filter((to) => to !== undefined).map(purlOf))].sort();
}

function component(path) {
  const { version, license, integrity, resolved, dev, optional } = installed[path];
  const [algorithm, digest] = integrity.split("-");
  return {
    type: "library",
    "bom-ref": purlOf(path),
    name: nameOf(path),
    version,
    scope: dev ? "excluded" : optional ? "optional" : "required",
    hashes: [
      { alg: algorithm.replace("sha", "SHA-"), content: Buffer.from(digest, "base64").toString("hex") },
    ],
    licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { name: license } }],
    purl: purlOf(path),
    ...(resolved === undefined ? {} : { externalReferences: [{ type: "distribution", url: resolved }] }),
  };
}

/** One that lies in several folders in the same version is one component, in its strongest scope. */
function components() {
  const scopes = ["required", "optional", "excluded"];
  const found = new Map();
  for (const path of Object.keys(installed)) {
    const one = component(path);
    const known = found.get(one.purl);
    if (known === undefined || scopes.indexOf(one.scope) < scopes.indexOf(known.scope))
      found.set(one.purl, one);
  }
  return [...found.values()].sort((a, b) => (a.purl < b.purl ? -1 : 1));
}

function dependencies(root) {
  const edges = new Map([[root, new Set(dependsOn("", program))]]);
  for (const [path, entry] of Object.entries(installed)) {
    const to = edges.get(purlOf(path)) ?? new Set();
    for (const ref of dependsOn(path, entry)) to.add(ref);
    edges.set(purlOf(path), to);
  }
  return [...edges].map(([ref, to]) => ({ ref, dependsOn: [...to].sort() }));
}

const root = `pkg:npm/${program.name}@${program.version}`;
const id = createHash("sha256").update(bytes).digest("hex");
const sbom = {
  bomFormat: "CycloneDX",
  specVersion: "1.6",
  // of version 8: its bits are ours to choose, and they follow the lock file
  serialNumber: `urn:uuid:${id.slice(0, 8)}-${id.slice(8, 12)}-8${id.slice(13, 16)}-a${id.slice(17, 20)}-${id.slice(20, 32)}`,
  version: 1,
  metadata: {
    component: {
      type: "application",
      "bom-ref": root,
      name: program.name,
      version: program.version,
      purl: root,
    },
  },
  components: components(),
  dependencies: dependencies(root),
};
const file = process.argv[2] ?? fileURLToPath(new URL("../dist/sbom.cdx.json", import.meta.url));
writeFileSync(file, `${JSON.stringify(sbom, null, 2)}\n`);
