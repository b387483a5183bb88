/*
 * What must hold at every moment of rest, as SQL over one snapshot. Each statement gives the rows that break its rule;
 * `event` holds every event, from the log (`idx`) and from the stage (no `idx`); `told` what clients were told.
 */

/** What clients were told: ids by kind. */
export const TOLD = `
  CREATE TEMP TABLE told ON COMMIT DROP AS
  SELECT 'command' AS kind, unnest($1::uuid[]) AS id
  UNION ALL SELECT 'event', unnest($2::uuid[]) UNION ALL SELECT 'approval', unnest($3::uuid[])`;

/** Names of queries: a look has an event and no row of a command. */
export const QUERIES = `CREATE TEMP TABLE query_name ON COMMIT DROP AS SELECT unnest($1::text[]) AS name`;

/** Every event of the snapshot, read once. */
export const EVENTS = `
  CREATE TEMP TABLE event ON COMMIT DROP AS
  SELECT idx, (b->>'id')::uuid AS id, b->>'action' AS action, b->'outcome'->>'result' AS outcome,
         (b->'correlation'->>'command_id')::uuid AS command, b->'correlation'->>'approval' AS approval,
         b->'correlation'->>'import' AS import, b->'actor'->>'id' AS actor, (b->>'at')::timestamptz AS at,
         b->'writer'->>'id' AS writer, (b->'writer'->>'seq')::bigint AS seq, b->'change' AS change,
         (SELECT t->>'id' FROM jsonb_array_elements(b->'target') t WHERE t->>'type' = 'member' LIMIT 1) AS member
  FROM (SELECT idx, convert_from(body, 'UTF8')::jsonb AS b FROM audit.log
        UNION ALL SELECT NULL, convert_from(body, 'UTF8')::jsonb FROM audit.stage) e;
  CREATE INDEX ON event (command);
  CREATE INDEX ON event (id);
  CREATE INDEX ON event (member);
  ANALYZE event`;

const BUMPS = `('members.edit', 'members.freeze', 'members.unfreeze', 'members.review', 'members.import.changed')`;

export const rules: Readonly<Record<string, string>> = {
  "an acknowledged command is in the database and in the tree": `
    SELECT t.id FROM told t WHERE t.kind = 'command'
      AND (NOT EXISTS (SELECT FROM door.command c WHERE c.id = t.id)
           OR NOT EXISTS (SELECT FROM event e WHERE e.command = t.id AND e.outcome = 'success' AND e.idx IS NOT NULL))`,
  "an acknowledged event is in the tree": `
    SELECT t.id FROM told t WHERE t.kind = 'event'
      AND NOT EXISTS (SELECT FROM event e WHERE e.id = t.id AND e.idx IS NOT NULL)`,
  "an acknowledged request for approval is stored, and its event is in the tree": `
    SELECT t.id FROM told t WHERE t.kind = 'approval'
      AND (NOT EXISTS (SELECT FROM door.approval_request r WHERE r.id = t.id)
           OR NOT EXISTS (SELECT FROM event e WHERE e.approval = t.id::text AND e.outcome = 'pending' AND e.idx IS NOT NULL))`,
  "a command has its event": `
    SELECT c.id FROM door.command c WHERE NOT EXISTS (SELECT FROM event e WHERE e.command = c.id)`,
  "an event of a command has its command": `
    SELECT e.id FROM event e WHERE e.command IS NOT NULL AND e.action NOT IN (SELECT name FROM query_name)
       AND NOT EXISTS (SELECT FROM door.command c WHERE c.id = e.command)`,
  "a command happened once": `
    SELECT command FROM event WHERE outcome = 'success' AND action NOT LIKE 'members.import.c%'
    GROUP BY command, action HAVING command IS NOT NULL AND count(*) > 1`,
  "a member has one event of coming in, and such an event its member": `
    SELECT coalesce(m.id::text, e.member) FROM members.member m
    FULL JOIN (SELECT member FROM event WHERE outcome = 'success'
               AND action IN ('members.register', 'members.import.created')) e ON e.member = m.id::text
    WHERE m.id IS NULL OR e.member IS NULL
    UNION ALL
    SELECT member FROM event WHERE outcome = 'success' AND action IN ('members.register', 'members.import.created')
    GROUP BY member HAVING count(*) > 1`,
  "a member has changed as often as the log says": `
    SELECT m.id FROM members.member m
    LEFT JOIN (SELECT member, count(*) AS n FROM event WHERE outcome = 'success' AND action IN ${BUMPS}
               AND (action <> 'members.edit' OR change IS NOT NULL) GROUP BY member) e ON e.member = m.id::text
    WHERE m.version <> 1 + coalesce(e.n, 0)`,
  "a member is frozen when the log says so": `
    SELECT m.id FROM members.member m
    LEFT JOIN (SELECT member, sum(CASE action WHEN 'members.freeze' THEN 1 ELSE -1 END) AS n FROM event
               WHERE outcome = 'success' AND action IN ('members.freeze', 'members.unfreeze') GROUP BY member) e
      ON e.member = m.id::text
    WHERE (m.status = 'frozen')::int <> coalesce(e.n, 0)`,
  "a consent has its event, and the event its consents": `
    SELECT coalesce(c.member, e.member)
    FROM (SELECT member_id::text AS member, count(*) AS n FROM members.consent WHERE channel <> 'import' GROUP BY 1) c
    FULL JOIN (SELECT member, sum(CASE action WHEN 'members.register' THEN
                 (SELECT jsonb_array_length(x->'after') FROM jsonb_array_elements(change) x WHERE x->>'field' = 'consents')
                 ELSE 1 END) AS n
               FROM event WHERE outcome = 'success'
                 AND (action = 'members.register' OR action = 'members.consent.record' AND change IS NOT NULL)
               GROUP BY member) e ON e.member = c.member
    WHERE c.n IS DISTINCT FROM e.n`,
  "an import brought in what its events say": `
    SELECT i.id FROM members.import i
    LEFT JOIN (SELECT import, count(*) AS n FROM event WHERE action = 'members.import.created' GROUP BY import) e
      ON e.import = i.id::text
    WHERE i.state IN ('running', 'done') AND i.created <> coalesce(e.n, 0) OR i.state = 'done' AND i.created = 0`,
  "a look was paid for, and what was paid for is in the log": `
    SELECT b.person FROM members.budget b
    WHERE b.kind = 'reveal' AND b.used <> (SELECT count(*) FROM event e WHERE e.actor = b.person AND e.outcome = 'success'
      AND e.action = 'members.reveal' AND (e.at AT TIME ZONE 'Asia/Shanghai')::date::text = b."window")`,
  "a request for approval has its event, and the event its request": `
    SELECT coalesce(r.id::text, e.approval) FROM door.approval_request r
    FULL JOIN (SELECT approval FROM event WHERE outcome = 'pending') e ON e.approval = r.id::text
    WHERE r.id IS NULL OR e.approval IS NULL`,
  "an executed approval did what was approved, once": `
    SELECT r.id FROM door.approval_request r
    WHERE (r.state = 'executed')::int <> (SELECT count(*) FROM event e
      WHERE e.approval = r.id::text AND e.action = 'members.export' AND e.outcome = 'success')`,
  "a permitted export has its event": `
    SELECT count(*) FROM members.export
    HAVING count(*) <> (SELECT count(*) FROM event WHERE action = 'members.export' AND outcome = 'success')`,
  "the tree is contiguous and as large as its head says": `
    SELECT h.size FROM audit.head h, (SELECT count(idx) AS n, max(idx) AS last FROM event) e
    WHERE h.size <> e.n OR h.size <> coalesce(e.last + 1, 0)`,
  "no event is in the tree twice, and no number of a writer": `
    SELECT id::text FROM event GROUP BY id HAVING count(*) > 1
    UNION ALL SELECT writer FROM event GROUP BY writer, seq HAVING count(*) > 1`,
  "the sequencer found no fault": `
    SELECT id FROM event WHERE action IN ('audit.integrity', 'audit.unreadable')`,
};
