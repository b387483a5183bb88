import type { ClientBase } from "pg";

/**
 * Every right that the roles of the program have in the database, one a line and sorted, as committed in
 * `test/platform/database/grants.txt`: a change of rights shows in a diff. `gatehouse_owner` owns everything;
 * its own rights are not listed, but any object that it does not own is.
 */
export async function renderGrants(client: ClientBase): Promise<string> {
  const { rows } = await client.query<{ line: string }>(GRANTS);
  return rows.map(({ line }) => `${line}\n`).join("");
}

// A null ACL means the default; acldefault() spells it out, so that a forgotten REVOKE … FROM PUBLIC shows.
const GRANTS = `
  WITH object (kind, name, acl, owner) AS (
    SELECT 'database', 'this', coalesce(datacl, acldefault('d', datdba)), datdba
      FROM pg_database WHERE datname = current_database()
    UNION ALL
    SELECT 'schema', nspname::text, coalesce(nspacl, acldefault('n', nspowner)), nspowner
      FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
    UNION ALL
    SELECT CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' ELSE 'table' END,
           n.nspname || '.' || c.relname,
           coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's'::"char" ELSE 'r' END, c.relowner)), c.relowner
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT 'column', n.nspname || '.' || c.relname || '.' || a.attname, a.attacl, c.relowner
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE a.attacl IS NOT NULL AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    UNION ALL
    SELECT CASE WHEN p.prosecdef THEN 'definer function' ELSE 'function' END,
           n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
           coalesce(p.proacl, acldefault('f', p.proowner)), p.proowner
      FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
     WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
  ), who (oid, name) AS (
    SELECT oid, rolname::text FROM pg_roles WHERE rolname LIKE 'gatehouse\\_%'
    UNION ALL SELECT 0, 'PUBLIC'
  )
  SELECT line FROM (
    SELECT who.name || ': ' || string_agg(DISTINCT lower(a.privilege_type) || CASE WHEN a.is_grantable THEN ' (may pass on)' ELSE '' END,
                       ', ' ORDER BY lower(a.privilege_type) || CASE WHEN a.is_grantable THEN ' (may pass on)' ELSE '' END)
           || ' on ' || object.kind || ' ' || object.name AS line
      FROM object CROSS JOIN LATERAL aclexplode(object.acl) a JOIN who ON who.oid = a.grantee
     WHERE a.grantee <> object.owner
     GROUP BY who.name, object.kind, object.name
    UNION ALL
    SELECT 'owned by ' || r.rolname || ': ' || object.kind || ' ' || object.name
      FROM object JOIN pg_roles r ON r.oid = object.owner
     WHERE r.rolname <> 'gatehouse_owner' AND object.kind <> 'database' AND object.name <> 'public'
    UNION ALL
    SELECT 'member: ' || m.rolname || ' of ' || g.rolname
      FROM pg_auth_members x JOIN pg_roles m ON m.oid = x.member JOIN pg_roles g ON g.oid = x.roleid
     WHERE m.rolname LIKE 'gatehouse\\_%'
    UNION ALL
    SELECT 'role ' || rolname || ':' || CASE WHEN rolsuper THEN ' superuser' ELSE '' END || CASE WHEN rolinherit THEN ' inherit' ELSE '' END
           || CASE WHEN rolcreaterole THEN ' createrole' ELSE '' END || CASE WHEN rolcreatedb THEN ' createdb' ELSE '' END
           || CASE WHEN rolbypassrls THEN ' bypassrls' ELSE '' END || CASE WHEN rolreplication THEN ' replication' ELSE '' END
           || coalesce(' ' || array_to_string(ARRAY(SELECT unnest(rolconfig) ORDER BY 1), ' '), '')
      FROM pg_roles WHERE rolname LIKE 'gatehouse\\_%'
  ) AS lines ORDER BY line COLLATE "C"`;
