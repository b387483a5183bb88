-- Wake-ups that cannot be lost, and what is forgotten at night.
-- Source of the rules: design "architecture" sections 2 and 5.

-- An equal run that is due already serves this wake-up as well, if it starts after this transaction has committed:
-- the shared lock makes a worker that wants to take it wait until then.
CREATE OR REPLACE FUNCTION jobs.enqueue(job text, payload jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
#variable_conflict use_column
BEGIN
  LOOP
    INSERT INTO jobs.run (id, job, payload) VALUES (gen_random_uuid(), enqueue.job, enqueue.payload)
    ON CONFLICT (job, payload) WHERE state = 'due' DO NOTHING;
    EXIT WHEN FOUND;
    PERFORM FROM jobs.run r WHERE r.job = enqueue.job AND r.payload = enqueue.payload AND r.state = 'due' FOR SHARE;
    EXIT WHEN FOUND; -- else a worker took it between the two statements, and a new one is needed
  END LOOP;
END $$;

-- A person asked for another try; the command that says so is in the log. An equal run that is due takes its place.
CREATE OR REPLACE FUNCTION jobs.try_again(run_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id()) THEN
    RETURN false;
  END IF;
  UPDATE jobs.run SET state = 'due', attempts = 0, due_at = now(), lease_until = NULL, lease_by = NULL, finished_at = NULL
  WHERE id = run_id AND state = 'failed';
  RETURN FOUND;
EXCEPTION WHEN unique_violation THEN
  DELETE FROM jobs.run WHERE id = run_id AND state = 'failed';
  RETURN true;
END $$;

-- Runs that went well are only history. Failed ones stay: they wait for a person.
CREATE FUNCTION jobs.forget(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH gone AS (
    DELETE FROM jobs.run WHERE state = 'done' AND finished_at < before
      AND EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id())
    RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION jobs.forget(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.forget(timestamptz) TO gatehouse_app;

-- As before, and through the door only: not even a row of history goes without an event.
CREATE OR REPLACE FUNCTION door.forget_commands(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH gone AS (
    DELETE FROM door.command WHERE at < before AND at < now() - interval '1 day'
      AND EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id())
    RETURNING 1)
  SELECT count(*) FROM gone
$$;

-- The same for effects that arrived.
CREATE FUNCTION door.forget_effects(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH gone AS (DELETE FROM door.outbox WHERE state = 'delivered' AND delivered_at < before RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION door.forget_effects(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.forget_effects(timestamptz) TO gatehouse_app;

CREATE INDEX outbox_failed ON door.outbox (created_at DESC, id DESC) WHERE state = 'failed';
CREATE INDEX run_done ON jobs.run (finished_at) WHERE state = 'done';
