-- The audit log: the stage that every command writes to, and what the sequencer makes of it.
-- Source of the rules: design "audit".

CREATE SCHEMA audit;
GRANT USAGE ON SCHEMA audit TO gatehouse_app, gatehouse_reader, gatehouse_sequencer;

-- A queue. The application may add to it and nothing else; the sequencer empties it.
CREATE TABLE audit.stage (
  xid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
  writer     uuid NOT NULL,
  writer_seq bigint NOT NULL CHECK (writer_seq > 0),
  body       bytea NOT NULL CHECK (octet_length(body) BETWEEN 2 AND 65535)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_insert_scale_factor = 0,
        autovacuum_vacuum_cost_delay = 0,
        vacuum_truncate = off);   -- an emptied table of no pages would be planned as one that is cheap to read whole
CREATE INDEX stage_xid ON audit.stage (xid);
-- By column: nobody but the database says which transaction a row belongs to.
GRANT INSERT (writer, writer_seq, body) ON audit.stage TO gatehouse_app, gatehouse_sequencer;
GRANT SELECT, DELETE ON audit.stage TO gatehouse_sequencer;
DO $$ BEGIN
  -- From version 17 on a table can be vacuumed by whom its owner allows to; before, autovacuum has to do.
  IF current_setting('server_version_num')::int >= 170000 THEN
    EXECUTE 'GRANT MAINTAIN ON audit.stage TO gatehouse_sequencer';
  END IF;
END $$;
-- The row that says "this transaction has its event" must be true when the commit asks.
CREATE TRIGGER only_grows BEFORE UPDATE OR TRUNCATE ON audit.stage
  FOR EACH STATEMENT EXECUTE FUNCTION door.refuse_change();

-- Processes that write events. `writer_seq` numbers the events of one process without a gap.
CREATE TABLE audit.writer (
  id         uuid PRIMARY KEY,
  started_at timestamptz NOT NULL DEFAULT now(),
  host       text NOT NULL,
  pid        integer NOT NULL
);
GRANT SELECT, INSERT ON audit.writer TO gatehouse_app;
GRANT SELECT ON audit.writer TO gatehouse_reader, gatehouse_sequencer;
SELECT door.append_only('audit.writer');

-- The sequencer writes events of its own (ends of writers, faults that it found) under this fixed number.
INSERT INTO audit.writer (id, host, pid) VALUES ('5e900e4c-0000-8000-8000-000000000001', 'sequencer', 0);

-- Which numbers of a writer have arrived or were closed. What is missing below the highest is a gap.
CREATE TABLE audit.writer_progress (
  writer   uuid PRIMARY KEY,
  seen     int8multirange NOT NULL,
  last_at  timestamptz NOT NULL DEFAULT now(),
  ended_at timestamptz,                              -- its process is gone and its range is closed
  reported int8multirange NOT NULL DEFAULT '{}'      -- gaps that an integrity event has named
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON audit.writer_progress TO gatehouse_sequencer;
GRANT SELECT ON audit.writer_progress TO gatehouse_reader, gatehouse_app;

-- The head of the tree, one row. Whoever leads raises `generation`, which fences off everybody who led before.
CREATE TABLE audit.head (
  one        boolean PRIMARY KEY DEFAULT true CHECK (one),
  generation bigint NOT NULL DEFAULT 0,
  size       bigint NOT NULL DEFAULT 0,
  edge       bytea[] NOT NULL DEFAULT '{}',          -- by tile level, the hashes of the unfinished tile
  month      date NOT NULL DEFAULT '2000-01-01',     -- of the last batch; never goes back
  own_seq    bigint NOT NULL DEFAULT 0,              -- last number of the sequencer as a writer
  leader     text,
  led_at     timestamptz,
  grown_at   timestamptz,
  forked     jsonb                                   -- why nothing is signed until people decide
) WITH (fillfactor = 50);
INSERT INTO audit.head DEFAULT VALUES;
GRANT SELECT, UPDATE ON audit.head TO gatehouse_sequencer;
GRANT SELECT ON audit.head TO gatehouse_reader, gatehouse_app;

-- Full tiles of 256 hashes (C2SP tlog-tiles); the unfinished ones are in the head.
CREATE TABLE audit.tile (
  level  smallint NOT NULL,
  index  bigint NOT NULL,
  hashes bytea NOT NULL CHECK (octet_length(hashes) = 8192),
  PRIMARY KEY (level, index)
);
ALTER TABLE audit.tile ALTER COLUMN hashes SET STORAGE EXTERNAL;
SELECT door.append_only('audit.tile');
GRANT SELECT, INSERT ON audit.tile TO gatehouse_sequencer;
GRANT SELECT ON audit.tile TO gatehouse_reader;

-- The log. `idx` is contiguous from 0; a month is the month in which the sequencer took the event, so that each
-- partition holds one range of indexes. `body` is what is hashed; the other columns only find it.
CREATE TABLE audit.log (
  month      date NOT NULL,
  idx        bigint NOT NULL,
  id         uuid NOT NULL,
  at         timestamptz NOT NULL,
  writer     uuid NOT NULL,
  writer_seq bigint NOT NULL,
  severity   smallint NOT NULL,
  crud       "char" NOT NULL,
  action     text NOT NULL,
  actor_type text NOT NULL,
  actor_id   text NOT NULL,
  category   text NOT NULL,
  outcome    text NOT NULL,
  code       text,
  ip         text,
  request    text,
  incident   text,
  purpose    text,
  policy     text,
  body       bytea NOT NULL,
  PRIMARY KEY (idx, month)
) PARTITION BY RANGE (month);
ALTER TABLE audit.log ALTER COLUMN body SET STORAGE EXTERNAL;
-- Every filter of the explorer is "this value, newest first", so each is one index that already stands in that order.
CREATE INDEX log_id ON audit.log (id);
CREATE INDEX log_actor ON audit.log (actor_id, idx);
CREATE INDEX log_action ON audit.log (action, idx);
CREATE INDEX log_category ON audit.log (category, idx);
CREATE INDEX log_ip ON audit.log (ip, idx) WHERE ip IS NOT NULL;
CREATE INDEX log_request ON audit.log (request) WHERE request IS NOT NULL;
CREATE INDEX log_incident ON audit.log (incident, idx) WHERE incident IS NOT NULL;
CREATE INDEX log_purpose ON audit.log (purpose, idx) WHERE purpose IS NOT NULL;
-- The common value needs no index: it is found at once by reading backwards.
CREATE INDEX log_outcome ON audit.log (outcome, idx) WHERE outcome <> 'success';
CREATE INDEX log_severity ON audit.log (severity, idx) WHERE severity <> 1;
SELECT door.append_only('audit.log');
GRANT SELECT, INSERT ON audit.log TO gatehouse_sequencer;
GRANT SELECT ON audit.log TO gatehouse_reader;

-- Which objects and which fields an event names.
CREATE TABLE audit.log_target (
  month       date NOT NULL,
  target_type text NOT NULL,
  target_id   text NOT NULL,
  idx         bigint NOT NULL
) PARTITION BY RANGE (month);
CREATE INDEX log_target_of ON audit.log_target (target_id, target_type, idx);
CREATE INDEX log_target_type ON audit.log_target (target_type, idx);
SELECT door.append_only('audit.log_target');

CREATE TABLE audit.log_field (
  month date NOT NULL,
  field text NOT NULL,
  idx   bigint NOT NULL
) PARTITION BY RANGE (month);
CREATE INDEX log_field_of ON audit.log_field (field, idx);
SELECT door.append_only('audit.log_field');
GRANT SELECT, INSERT ON audit.log_target, audit.log_field TO gatehouse_sequencer;
GRANT SELECT ON audit.log_target, audit.log_field TO gatehouse_reader;

-- The indexes that an hour's events lie between: turns a filter by time into a range of indexes.
CREATE TABLE audit.hour (
  hour      timestamptz PRIMARY KEY,
  first_idx bigint NOT NULL,
  last_idx  bigint NOT NULL
) WITH (fillfactor = 50);
-- Counts for the histogram.
CREATE TABLE audit.tally (
  hour     timestamptz NOT NULL,
  action   text NOT NULL,
  category text NOT NULL,
  outcome  text NOT NULL,
  severity smallint NOT NULL,
  events   bigint NOT NULL,
  PRIMARY KEY (hour, action, category, outcome, severity)
) WITH (fillfactor = 50);
GRANT SELECT, INSERT, UPDATE ON audit.hour, audit.tally TO gatehouse_sequencer;
GRANT SELECT ON audit.hour, audit.tally TO gatehouse_reader;

-- Makes the partitions of a month. The sequencer asks ahead of time and owns nothing by it.
CREATE FUNCTION audit.make_month(wanted date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  first date := date_trunc('month', wanted)::date;
  parent text;
  part text;
BEGIN
  IF first > now() + interval '4 months' THEN
    RAISE EXCEPTION 'partition % is too far ahead', first;
  END IF;
  FOREACH parent IN ARRAY ARRAY['log', 'log_target', 'log_field'] LOOP
    part := format('%s_%s', parent, to_char(first, 'YYYY_MM'));
    CONTINUE WHEN to_regclass(format('audit.%I', part)) IS NOT NULL;
    EXECUTE format('CREATE TABLE audit.%I (LIKE audit.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING STORAGE)',
                   part, parent);
    -- Attached, not created in place: that needs only a lock which lets readers and writers go on.
    EXECUTE format('ALTER TABLE audit.%I ATTACH PARTITION audit.%I FOR VALUES FROM (%L) TO (%L)',
                   parent, part, first, (first + interval '1 month')::date);
    PERFORM door.append_only(format('audit.%I', part)::regclass);
  END LOOP;
END $$;
REVOKE ALL ON FUNCTION audit.make_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.make_month(date) TO gatehouse_sequencer;

-- Reads a body that may be anything: what is no event of ours becomes `audit.unreadable`, of gravest severity.
-- Slow (a subtransaction a row), so the sequencer uses it only after a batch failed without.
CREATE FUNCTION audit.read_body(body bytea) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog AS $$
DECLARE j jsonb; probe record;
BEGIN
  j := convert_from(body, 'UTF8')::jsonb;
  SELECT INTO STRICT probe (j->>'id')::uuid AS id, (j->>'at')::timestamptz AS at, (j->>'severity')::smallint AS severity,
         (j->'writer'->>'seq')::bigint AS seq,
         (SELECT count(t->>'type') + count(t->>'id') FROM jsonb_array_elements(j->'target') t) AS targets,
         (SELECT count(*) FROM jsonb_array_elements_text(j->'fields')) AS fields,
         (SELECT count((v->>'writer')::uuid) + count((v->>'seq')::bigint) FROM jsonb_array_elements(j->'voids') v) AS voids;
  IF probe.id IS NULL OR probe.at IS NULL OR probe.severity IS NULL OR probe.targets % 2 = 1
     OR j->>'action' IS NULL OR j->>'crud' IS NULL OR j->>'category' IS NULL OR j->'actor'->>'type' IS NULL
     OR j->'actor'->>'id' IS NULL OR j->'outcome'->>'result' IS NULL OR jsonb_typeof(j->'target') IS DISTINCT FROM 'array' THEN
    RAISE EXCEPTION 'not an event';
  END IF;
  RETURN j;
EXCEPTION WHEN OTHERS THEN
  RETURN jsonb_build_object('id', gen_random_uuid(), 'at', now(), 'action', 'audit.unreadable', 'crud', 'x',
    'category', 'audit', 'severity', 5, 'actor', jsonb_build_object('type', 'service', 'id', 'unknown'),
    'outcome', jsonb_build_object('result', 'failure', 'code', 'unreadable'), 'target', '[]'::jsonb);
END $$;

REVOKE ALL ON FUNCTION audit.read_body(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit.read_body(bytea) TO gatehouse_sequencer;

-- Detail of an event that is too long for a body; the body holds its hash.
CREATE TABLE audit.overflow (
  sha256 bytea PRIMARY KEY CHECK (octet_length(sha256) = 32),
  detail bytea NOT NULL
);
SELECT door.append_only('audit.overflow');
GRANT INSERT ON audit.overflow TO gatehouse_app;
GRANT SELECT ON audit.overflow TO gatehouse_reader;

-- Salt and value behind a commitment, sealed under the key of the person they are about.
CREATE TABLE audit.detail (
  event  uuid NOT NULL,
  field  text NOT NULL,
  side   text NOT NULL CHECK (side IN ('before', 'after')),
  owner  uuid NOT NULL,
  sealed text NOT NULL,
  PRIMARY KEY (event, field, side)
);
SELECT door.business_table('audit.detail', 'insert');
SELECT door.append_only('audit.detail');

-- Signed checkpoints, and the statements of witnesses about them.
CREATE TABLE audit.checkpoint (
  origin    text NOT NULL,
  size      bigint NOT NULL,
  root      bytea NOT NULL CHECK (octet_length(root) = 32),
  note      text NOT NULL,
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (origin, size)
);
CREATE INDEX checkpoint_signed ON audit.checkpoint (signed_at);
SELECT door.append_only('audit.checkpoint');
CREATE TABLE audit.cosignature (
  origin  text NOT NULL,
  size    bigint NOT NULL,
  witness text NOT NULL,                             -- key name and id
  line    text NOT NULL,
  at      timestamptz NOT NULL,
  PRIMARY KEY (origin, size, witness),
  FOREIGN KEY (origin, size) REFERENCES audit.checkpoint (origin, size)
);
CREATE INDEX cosignature_witness ON audit.cosignature (witness, size);
SELECT door.append_only('audit.cosignature');
GRANT SELECT, INSERT ON audit.checkpoint, audit.cosignature TO gatehouse_sequencer;
GRANT SELECT ON audit.checkpoint, audit.cosignature TO gatehouse_reader, gatehouse_app;

-- What people decided about a log that is not the one that was signed.
CREATE TABLE audit.fork (
  id           uuid PRIMARY KEY,
  old_origin   text NOT NULL,
  old_size     bigint NOT NULL,
  old_root     text NOT NULL,
  tree_size    bigint NOT NULL,
  new_origin   text NOT NULL UNIQUE,
  reason       text NOT NULL CHECK (reason LIKE 'e1.%'),   -- sealed: free text can hold anything
  decided_at   timestamptz NOT NULL
);
SELECT door.business_table('audit.fork', 'insert');
SELECT door.append_only('audit.fork');
GRANT SELECT ON audit.fork TO gatehouse_sequencer;

-- Searches that people keep. `query` is the query string of the explorer.
CREATE TABLE audit.saved_search (
  id         uuid PRIMARY KEY,
  owner      text NOT NULL,
  name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  query      text NOT NULL CHECK (length(query) <= 2000),
  created_at timestamptz NOT NULL,
  UNIQUE (owner, name)
);
SELECT door.business_table('audit.saved_search', 'insert, delete');

-- When the log was last read through from its first event, and what came out.
CREATE TABLE audit.verification (
  id          uuid PRIMARY KEY,
  started_at  timestamptz NOT NULL,
  finished_at timestamptz NOT NULL,
  size        bigint NOT NULL,
  integrity   text NOT NULL CHECK (integrity IN ('verified', 'tampered', 'unverifiable', 'malformed')),
  completeness text NOT NULL CHECK (completeness IN ('complete', 'incomplete', 'unknown')),
  first_bad   bigint
);
SELECT door.append_only('audit.verification');
CREATE INDEX verification_finished ON audit.verification (finished_at);
GRANT INSERT ON audit.verification TO gatehouse_sequencer;
GRANT SELECT ON audit.verification TO gatehouse_reader, gatehouse_app;
