-- The job queue belongs to a role of its own; the application reaches it through one function.
-- Source of the rule: design "architecture" section 5.

CREATE SCHEMA jobs;
GRANT USAGE ON SCHEMA jobs TO gatehouse_app, gatehouse_reader, gatehouse_jobs;

-- What is due, under leases of our own. A queue's lock of a killed worker lasts hours; a lease here ends by the clock.
CREATE TABLE jobs.run (
  id          uuid PRIMARY KEY,
  job         text NOT NULL,
  payload     jsonb NOT NULL DEFAULT '{}',     -- ids only
  state       text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'running', 'done', 'failed')),
  attempts    integer NOT NULL DEFAULT 0,
  last_error  text,
  lease_until timestamptz,
  lease_by    uuid,
  due_at      timestamptz NOT NULL DEFAULT now(),
  created_at  timestamptz NOT NULL DEFAULT now(),
  started_at  timestamptz,
  finished_at timestamptz
);
CREATE INDEX run_due ON jobs.run (due_at) WHERE state IN ('due', 'running');
CREATE INDEX run_recent ON jobs.run (created_at DESC, id DESC);
CREATE INDEX run_failed ON jobs.run (finished_at DESC) WHERE state = 'failed';
CREATE UNIQUE INDEX run_once ON jobs.run (job, payload) WHERE state = 'due';
GRANT SELECT ON jobs.run TO gatehouse_reader, gatehouse_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.run TO gatehouse_jobs;

-- Called by the door inside a command's transaction: the wake-up commits with the change or not at all.
CREATE FUNCTION jobs.enqueue(job text, payload jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  INSERT INTO jobs.run (id, job, payload) VALUES (gen_random_uuid(), job, payload)
  ON CONFLICT (job, payload) WHERE state = 'due' DO NOTHING
$$;
REVOKE ALL ON FUNCTION jobs.enqueue(text, jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.enqueue(text, jsonb) TO gatehouse_app, gatehouse_jobs;

-- A person asked for another try; the command that says so is in the log.
CREATE FUNCTION jobs.try_again(run_id uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH again AS (
    UPDATE jobs.run SET state = 'due', attempts = 0, due_at = now(), lease_until = NULL, lease_by = NULL, finished_at = NULL
    WHERE id = run_id AND state = 'failed' AND EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id())
    RETURNING 1)
  SELECT EXISTS (SELECT FROM again)
$$;
REVOKE ALL ON FUNCTION jobs.try_again(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.try_again(uuid) TO gatehouse_app;
