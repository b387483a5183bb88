import type { ClientBase } from "pg";

interface Column {
  table: string;
  column: string;
  type: string;
  /** The type of an array's elements; null when the column is no array. */
  element: string | null;
  nullable: boolean;
  has_default: boolean;
  always_generated: boolean;
  /** Values of an enum type, or of a `CHECK (column IN (…))`. */
  labels: string[] | null;
  check: string | null;
}

/** How each type arrives and what it takes; see `src/platform/database/types.ts`. */
const typescriptTypes: Record<string, string> = {
  bool: "boolean",
  bytea: "Buffer",
  char: "string",
  cidr: "string",
  date: "string",
  float4: "number",
  float8: "number",
  inet: "string",
  int2: "number",
  int4: "number",
  int8: "Int8",
  int8multirange: "string",
  int8range: "string",
  jsonb: "Jsonb",
  numeric: "string",
  text: "string",
  timestamptz: "Date",
  tstzrange: "string",
  tsvector: "string",
  uuid: "string",
  xid8: "string",
};

const helpers: Record<string, string> = {
  Int8: `/** Takes a number too, as long as that is exact. */
type Int8 = ColumnType<bigint, bigint | number, bigint | number>;`,
  Jsonb: `/** Written as JSON text: the driver would take an array for an array of PostgreSQL. */
type Jsonb = ColumnType<unknown, string, string>;`,
  Generated: `type Generated<T> = T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>;`,
  AlwaysGenerated: `type AlwaysGenerated<T> = ColumnType<T, never, never>;`,
};

/** Writes `src/platform/database/schema.ts`. Refuses a column type that nobody has decided about. */
export async function renderSchema(client: ClientBase): Promise<string> {
  const { rows } = await client.query<Column>(COLUMNS);
  const tables = Map.groupBy(rows, (row) => row.table);
  const interfaces = [...tables].map(([table, columns]) =>
    [`export interface ${interfaceName(table)} {`, ...columns.map(renderColumn), "}\n"].join("\n"),
  );
  const index = [...tables.keys()].map((table) => `  ${JSON.stringify(table)}: ${interfaceName(table)};`);
  const body = interfaces.join("\n");
  const used = Object.entries(helpers).filter(([name]) => new RegExp(`\\b${name}\\b`).test(body));
  return [
    "// Generated from the migrated database by `npm run schema`. Do not edit.",
    `import type { ColumnType } from "kysely";\n`,
    `${used.map(([, helper]) => helper).join("\n")}\n`,
    body,
    `export interface DB {\n${index.join("\n")}\n}\n`,
    `declare module "../../door/tables.ts" {`,
    `  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- that is how an interface is filled`,
    `  interface Tables extends DB {}\n}\n`,
  ].join("\n");
}

function renderColumn(column: Column): string {
  const bare = column.element === null ? scalarType(column) : arrayType(scalarType(column));
  const type = column.nullable ? `${bare} | null` : bare;
  const wrapped = column.always_generated
    ? `AlwaysGenerated<${type}>`
    : column.has_default
      ? `Generated<${type}>`
      : type;
  return `  ${column.column}: ${wrapped};`;
}

function scalarType({ table, column, type, element, labels, check }: Column): string {
  const values = labels ?? valuesOf(check);
  if (values) return values.map((value) => JSON.stringify(value)).join(" | ");
  const known = typescriptTypes[element ?? type];
  if (known === undefined)
    throw new Error(`${table}.${column}: no TypeScript type is set for ${element ?? type}.`);
  return known;
}

function arrayType(element: string): string {
  return /^\w+$/.test(element) ? `${element}[]` : `(${element})[]`;
}

/** The words of a check that reads, as PostgreSQL prints it, `CHECK ((state = ANY (ARRAY['a'::text, 'b'::text])))`. */
function valuesOf(check: string | null): string[] | undefined {
  const list = check && /^CHECK \(\(\w+ = ANY \(ARRAY\[(.*)\]\)\)\)$/.exec(check)?.[1];
  if (!list) return undefined;
  return [...list.matchAll(/'((?:[^']|'')*)'::text/g)].map(([, value = ""]) => value.replaceAll("''", "'"));
}

function interfaceName(table: string): string {
  return table
    .split(/[._]/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
}

const COLUMNS = `
  SELECT n.nspname || '.' || c.relname AS "table",
         a.attname AS "column",
         coalesce(base.typname, t.typname) AS type,
         e.typname AS element,
         NOT a.attnotnull AS nullable,
         (a.atthasdef AND a.attgenerated = '') OR a.attidentity = 'd' AS has_default,
         a.attgenerated <> '' OR a.attidentity = 'a' AS always_generated,
         (SELECT array_agg(l.enumlabel::text ORDER BY l.enumsortorder) FROM pg_enum l WHERE l.enumtypid IN (t.oid, e.oid)) AS labels,
         (SELECT pg_get_constraintdef(k.oid) FROM pg_constraint k
           WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum]
             AND pg_get_constraintdef(k.oid) LIKE '% = ANY (ARRAY[%' ORDER BY k.conname LIMIT 1) AS "check"
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_type base ON base.oid = t.typbasetype
    LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
   WHERE c.relkind IN ('r', 'p', 'v') AND NOT c.relispartition
     AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public', 'graphile_worker')
   ORDER BY n.nspname, c.relname, a.attnum`;
