import type { Import } from "./imports.ts";

// The floors of the house, from the ground up. An import never goes up a floor, and never into the inside of
// another module. Source: design "architecture", section 1.

type Floor = "door" | "platform" | "views" | "module" | "top";

/** The modules: a folder each, or, for the business, a folder each below `src/mall`. */
const MODULE = /^src\/(access|audit|compliance|incidents|continuity|system|mall\/[^/]+)\//;

const below: Record<Floor, readonly Floor[]> = {
  door: [],
  platform: ["door"],
  views: [],
  module: ["door", "platform", "views"],
  top: ["door", "platform", "views", "module"],
};

/** Things with a door-keeper of their own: who may import them at all. */
const keepers: readonly {
  what: string;
  of: RegExp;
  names?: readonly string[];
  by: RegExp;
  /** Naming the type is holding the thing: whoever declares one is about to be handed one. */
  types?: boolean;
  why: string;
}[] = [
  {
    what: "openWritePool",
    of: /^src\/platform\/database\//,
    names: ["openWritePool"],
    by: /^src\/(app|cli|main)\.ts$|^src\/platform\/database\//,
    why: "write connections exist only for the door, which the composition root hands them to",
  },
  {
    what: "WritePool",
    of: /^src\/door\/ports\.ts$/,
    names: ["WritePool", "Connection"],
    by: /^src\/(door\/|platform\/database\/|app\.ts$|access\/narrow\.ts$)/,
    types: true,
    why: "a pool takes any statement; the door holds it, and the narrow writers are bound to it out of reach",
  },
  {
    what: "makeRelease",
    of: /^src\/door\/release\.ts$/,
    names: ["makeRelease"],
    by: /^src\/(door\/|(app|cli|main)\.ts$)/,
    why: "only the door lets the vault open a value",
  },
  {
    what: "exportBundle",
    of: /^src\/platform\/audit\/evidence\.ts$/,
    by: /^src\/audit\//,
    why: "evidence leaves through the command that says so in the log first",
  },
  {
    what: "lucia",
    of: /^lucia$/,
    by: /^src\/access\/sessions\.ts$/,
    why: "sessions stand behind one seam, so that the library can be replaced",
  },
  {
    what: "people that nobody proved",
    of: /^src\/access\/planting\.ts$/,
    by: /^src\/demo\//,
    why: "only a demo makes people, sessions and step-ups without a proof, and a console in earnest loads none of it",
  },
  {
    what: "a view that does input or output",
    of: /^(node:(?!path$|url$)|pg$|kysely$|pino$)/,
    by: /^src\//,
    why: "views get everything handed to them",
  },
];

/** Every arrow that runs against the floors, as a sentence. */
export function violations(imports: readonly Import[]): string[] {
  return [...imports.flatMap(floorViolation), ...imports.flatMap(keeperViolation), ...circles(imports)];
}

/** The command line asks at the door like everybody else: it takes no connection of the console. */
export function sideDoors(file: string, source: string): string[] {
  if (!file.startsWith("src/cli/")) return [];
  return /\.read\b|\bread\b[^;]*\}\s*=\s*await\b[^;]*\bconsole\(\)/.test(source)
    ? [`${file} reads past the door`]
    : [];
}

function floorOf(file: string): Floor | undefined {
  if (file.startsWith("views/")) return "views";
  if (file.startsWith("src/door/")) return "door";
  if (file.startsWith("src/platform/")) return "platform";
  if (MODULE.test(file)) return "module";
  return /^src\/([^/]+|(cli|demo)\/[^/]+)$/.test(file) ? "top" : undefined;
}

function floorViolation({ from, to, typeOnly }: Import): string[] {
  const at = floorOf(from);
  if (at === undefined) return [`${from} stands on no floor: its folder is not in the list`];
  if (!/^(src|views)\//.test(to)) return [];
  const target = floorOf(to);
  if (target === undefined) return [`${from} imports ${to}, which stands on no floor`];
  if (at === target) return sideways(from, to);
  // Views name what they show, and translate; both without any input or output.
  if (at === "views" && (typeOnly || to.startsWith("src/platform/i18n/"))) return [];
  if (!below[at].includes(target)) return [`${from} (${at}) imports ${to} (${target})`];
  return [];
}

function sideways(from: string, to: string): string[] {
  const [own, other] = [moduleOf(from), moduleOf(to)];
  if (own === other || other === undefined || to === `${other}/index.ts`) return [];
  return [`${from} reaches into ${to}; a module uses another only through its index.ts`];
}

function keeperViolation({ from, to, names, typeOnly }: Import): string[] {
  return keepers
    .filter((keeper) => !typeOnly || keeper.types === true)
    .filter(
      (keeper) => keeper.of.test(to) && (!keeper.names || names.some((name) => keeper.names?.includes(name))),
    )
    .filter((keeper) => !keeper.by.test(from))
    .map((keeper) => `${from} imports ${keeper.what} (${to}): ${keeper.why}`);
}

function moduleOf(file: string): string | undefined {
  return MODULE.exec(file)?.[0].slice(0, -1);
}

/** Modules that use each other in a circle; each circle once. */
function circles(imports: readonly Import[]): string[] {
  const uses = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [own, other] = [moduleOf(from), moduleOf(to)];
    if (own === undefined || other === undefined || own === other) continue;
    uses.set(own, (uses.get(own) ?? new Set()).add(other));
  }
  const found = new Map<string, string>();
  const walk = (path: readonly string[]): void => {
    for (const next of uses.get(path.at(-1) ?? "") ?? []) {
      const start = path.indexOf(next);
      if (start === -1) {
        walk([...path, next]);
        continue;
      }
      const circle = path.slice(start);
      const key = [...circle].sort().join();
      if (!found.has(key)) found.set(key, `modules in a circle: ${[...circle, next].join(" → ")}`);
    }
  };
  for (const module of uses.keys()) walk([module]);
  return [...found.values()];
}
