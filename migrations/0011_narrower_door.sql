-- What the application may change about commands, requests and deeds: only what its code really changes, and each row
-- only as long as its story is open. Source of the rule: design "access", the database as the second wall.

-- `xid` and `at` are the database's word. Whoever could write them could lay a row ready for a transaction to come.
REVOKE INSERT ON door.command FROM gatehouse_app;
GRANT INSERT (id, name, actor_type, actor_id, idempotency_key, input_digest) ON door.command TO gatehouse_app;

-- A result is written once, by the transaction of its command.
CREATE FUNCTION door.keep_result() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.result IS NOT NULL OR OLD.xid <> pg_current_xact_id() THEN
    RAISE EXCEPTION 'the result of command % stands', OLD.name USING ERRCODE = 'GH003';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER result_once BEFORE UPDATE ON door.command FOR EACH ROW EXECUTE FUNCTION door.keep_result();

-- What was asked, by whom, of how many, and until when, never changes; a request is born open.
REVOKE INSERT, UPDATE ON door.approval_request FROM gatehouse_app;
GRANT INSERT (id, operation, subject_type, subject_id, subject_version, payload, payload_digest, requested_by, reason,
              required, from_roles, created_at, expires_at) ON door.approval_request TO gatehouse_app;
GRANT UPDATE (state, outcome_code, version, closed_at, notified_at) ON door.approval_request TO gatehouse_app;

-- Closed is closed, and done is what enough people agreed to, each to this very payload.
CREATE FUNCTION door.keep_request() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.state <> 'open' THEN
    RAISE EXCEPTION 'request % is closed', OLD.id USING ERRCODE = 'GH003';
  END IF;
  IF NEW.state = 'executed' AND NEW.required > (
    SELECT count(*) FROM door.approval a
    WHERE a.request_id = NEW.id AND a.decision = 'approve' AND a.payload_digest = NEW.payload_digest) THEN
    RAISE EXCEPTION 'request % was not agreed to by enough people', OLD.id USING ERRCODE = 'GH007';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER keeps_its_story BEFORE UPDATE ON door.approval_request FOR EACH ROW EXECUTE FUNCTION door.keep_request();

-- Who did it is not rewritten, or a duty would look for somebody else.
REVOKE UPDATE ON door.deed FROM gatehouse_app;
GRANT UPDATE (at) ON door.deed TO gatehouse_app;
REVOKE UPDATE ON door.outbox FROM gatehouse_app;
GRANT UPDATE (state, body, attempts, last_error, due_at, delivered_at) ON door.outbox TO gatehouse_app;

-- As before, and only inside a command, unless the job queue itself asks: its schedule has no command.
CREATE OR REPLACE FUNCTION jobs.enqueue(job text, payload jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
#variable_conflict use_column
BEGIN
  IF session_user <> 'gatehouse_jobs' AND NOT EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'a job is woken only through the door' USING ERRCODE = 'GH001';
  END IF;
  LOOP
    INSERT INTO jobs.run (id, job, payload) VALUES (gen_random_uuid(), enqueue.job, enqueue.payload)
    ON CONFLICT (job, payload) WHERE state = 'due' DO NOTHING;
    EXIT WHEN FOUND;
    PERFORM FROM jobs.run r WHERE r.job = enqueue.job AND r.payload = enqueue.payload AND r.state = 'due' FOR SHARE;
    EXIT WHEN FOUND; -- else a worker took it between the two statements, and a new one is needed
  END LOOP;
END $$;

-- Its work is part of `access.sweep` now; a run that is still due would only fail.
DELETE FROM jobs.run WHERE job = 'access.throttle' AND state IN ('due', 'running');
