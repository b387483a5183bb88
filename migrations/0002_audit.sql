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
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX stage_xid ON audit.stage (xid);
GRANT INSERT ON audit.stage TO gatehouse_app;
GRANT SELECT, DELETE, INSERT ON audit.stage TO gatehouse_sequencer;
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
