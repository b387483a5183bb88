-- Whoever holds the application's role can write to the stage past the log. What they write there is logged as what it
-- is; it must neither stop the sequencer nor blind its search for gaps. Source of the rule: design "audit", write path.

-- Numbers that a double holds exactly, as the bodies have them.
ALTER TABLE audit.stage ADD CONSTRAINT stage_seq_bound CHECK (writer_seq <= 9007199254740991);
ALTER TABLE audit.writer_progress
  ADD CONSTRAINT progress_bound CHECK (seen <@ int8multirange(int8range(1, 9007199254740992)));
-- A time that is none would stand in every chart. A check that is not met makes the batch read bodies with suspicion.
ALTER TABLE audit.log ADD CONSTRAINT log_at_bound CHECK (at >= '2000-01-01Z' AND at < '2200-01-01Z') NOT VALID;

-- True for a word that an index has room for.
CREATE FUNCTION audit.is_word(v jsonb, most int) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog AS $$
  SELECT coalesce(jsonb_typeof(v) = 'string' AND octet_length(v #>> '{}') BETWEEN 1 AND most, false)
$$;
REVOKE ALL ON FUNCTION audit.is_word(jsonb, int) FROM PUBLIC;

-- Reads a body that may be anything: what is no event of ours becomes `audit.unreadable`, of gravest severity.
CREATE OR REPLACE FUNCTION audit.read_body(body bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE
  j jsonb;
  plain boolean;
BEGIN
  j := convert_from(body, 'UTF8')::jsonb;
  SELECT INTO STRICT plain
    (j->>'id')::uuid IS NOT NULL
    AND (j->>'at')::timestamptz >= '2000-01-01Z' AND (j->>'at')::timestamptz < '2200-01-01Z'
    AND (j->>'severity')::smallint BETWEEN 0 AND 5
    AND audit.is_word(j->'action', 200) AND audit.is_word(j->'category', 200) AND audit.is_word(j->'crud', 1)
    AND audit.is_word(j->'outcome'->'result', 200)
    AND audit.is_word(j->'actor'->'type', 200) AND audit.is_word(j->'actor'->'id', 1000)
    -- what may be absent
    AND (SELECT bool_and(coalesce(v, 'null') = 'null' OR audit.is_word(v, 1000))
         FROM unnest(ARRAY[j->'outcome'->'code', j->'request'->'ip', j->'request'->'id', j->'correlation'->'incident',
                           j->'purpose'->'code', j->'policy'->'id']) AS v)
    AND jsonb_typeof(j->'target') = 'array'
    AND (SELECT coalesce(bool_and(audit.is_word(t->'type', 1000) AND audit.is_word(t->'id', 1000)), true)
         FROM jsonb_array_elements(j->'target') AS t)
    AND coalesce(jsonb_typeof(j->'fields'), 'array') = 'array'
    AND (SELECT coalesce(bool_and(audit.is_word(f, 1000)), true) FROM jsonb_array_elements(j->'fields') AS f)
    AND coalesce(jsonb_typeof(j->'voids'), 'array') = 'array'
    AND (SELECT coalesce(bool_and(((v->>'writer')::uuid IS NOT NULL
                                   AND (v->>'seq')::bigint BETWEEN 1 AND 9007199254740991) IS TRUE), true)
         FROM jsonb_array_elements(j->'voids') AS v);
  IF plain IS NOT TRUE THEN
    RAISE EXCEPTION 'not an event';
  END IF;
  RETURN j;
EXCEPTION WHEN OTHERS THEN
  RETURN jsonb_build_object('id', gen_random_uuid(), 'at', now(), 'action', 'audit.unreadable', 'crud', 'x',
    'category', 'audit', 'severity', 5, 'actor', jsonb_build_object('type', 'service', 'id', 'unknown'),
    'outcome', jsonb_build_object('result', 'failure', 'code', 'unreadable'), 'target', '[]'::jsonb);
END $$;
GRANT EXECUTE ON FUNCTION audit.is_word(jsonb, int) TO gatehouse_sequencer;
