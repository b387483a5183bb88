-- The door: the one table that every change of the mall passes, and the walls that make sure of it.
-- Source of the rules: design "architecture", section 2.

CREATE SCHEMA door;
GRANT USAGE ON SCHEMA door TO gatehouse_app, gatehouse_reader;

-- One row a command, inserted by the first statement of its transaction.
CREATE TABLE door.command (
  id              uuid PRIMARY KEY,
  xid             xid8 NOT NULL DEFAULT pg_current_xact_id(),
  name            text NOT NULL,
  actor_type      text NOT NULL,
  actor_id        text NOT NULL,
  idempotency_key text CHECK (length(idempotency_key) BETWEEN 1 AND 200),
  input_digest    bytea NOT NULL,
  result          text,                      -- sealed; kept only when an idempotency key asks for it
  at              timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX command_idempotency ON door.command (actor_type, actor_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;
CREATE INDEX command_xid ON door.command (xid);
CREATE INDEX command_at ON door.command USING brin (at);

GRANT SELECT, INSERT ON door.command TO gatehouse_app;
GRANT UPDATE (result) ON door.command TO gatehouse_app;
GRANT SELECT (id, xid, name, actor_type, actor_id, at) ON door.command TO gatehouse_reader;

-- Refuses a change in a transaction that did not come through the door.
CREATE FUNCTION door.require_command() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM door.command WHERE xid = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'table %.% may be changed only through the door', TG_TABLE_SCHEMA, TG_TABLE_NAME
      USING ERRCODE = 'GH001';
  END IF;
  RETURN NULL;
END $$;

-- Refuses to commit a command that left no event in the stage. Deferred: the event rides with the commit.
CREATE FUNCTION door.require_event() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM audit.stage WHERE xid = pg_current_xact_id()) THEN
    RAISE EXCEPTION 'command % left no audit event', NEW.name USING ERRCODE = 'GH002';
  END IF;
  RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER command_has_event AFTER INSERT ON door.command
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION door.require_event();

CREATE FUNCTION door.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  RAISE EXCEPTION 'table %.% only grows', TG_TABLE_SCHEMA, TG_TABLE_NAME USING ERRCODE = 'GH003';
END $$;

-- Puts the guard on a business table and on each of its partitions, and grants what the application may do there.
CREATE FUNCTION door.business_table(target regclass, app_rights text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT target UNION SELECT relid::regclass FROM pg_partition_tree(target) WHERE relid IS NOT NULL LOOP
    EXECUTE format('CREATE TRIGGER through_the_door BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION door.require_command()', part);
  END LOOP;
  EXECUTE format('GRANT %s ON %s TO gatehouse_app', app_rights, target);
  EXECUTE format('GRANT SELECT ON %s TO gatehouse_reader', target);
  IF position('select' IN lower(app_rights)) = 0 THEN
    EXECUTE format('GRANT SELECT ON %s TO gatehouse_app', target);
  END IF;
END $$;

-- Nobody, the owner included, updates, deletes or truncates.
CREATE FUNCTION door.append_only(target regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE part regclass;
BEGIN
  FOR part IN SELECT target UNION SELECT relid::regclass FROM pg_partition_tree(target) WHERE relid IS NOT NULL LOOP
    EXECUTE format('CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON %s '
                   'FOR EACH STATEMENT EXECUTE FUNCTION door.refuse_change()', part);
  END LOOP;
END $$;

-- Four eyes. The payload is the exact input, sealed; an approval binds to its digest.
CREATE TABLE door.approval_request (
  id              uuid PRIMARY KEY,
  operation       text NOT NULL,
  subject_type    text NOT NULL,
  subject_id      text NOT NULL,
  subject_version integer,
  payload         text NOT NULL,
  payload_digest  bytea NOT NULL,
  requested_by    uuid NOT NULL,
  reason          text NOT NULL CHECK (reason LIKE 'e1.%'),   -- sealed: free text can hold anything
  required        integer NOT NULL CHECK (required BETWEEN 1 AND 5),
  from_roles      text[] NOT NULL,
  state           text NOT NULL DEFAULT 'open'
                  CHECK (state IN ('open', 'executed', 'denied', 'withdrawn', 'expired', 'failed')),
  outcome_code    text,
  version         integer NOT NULL DEFAULT 1,
  created_at      timestamptz NOT NULL,
  expires_at      timestamptz NOT NULL CHECK (expires_at > created_at),
  notified_at     timestamptz,                                -- when those who may answer were told
  closed_at       timestamptz,
  CHECK ((state = 'failed') = (outcome_code IS NOT NULL)),
  CHECK ((state = 'open') = (closed_at IS NULL)),
  UNIQUE (id, requested_by)
);
CREATE UNIQUE INDEX approval_one_open ON door.approval_request (operation, subject_type, subject_id) WHERE state = 'open';
CREATE INDEX approval_inbox ON door.approval_request (state, created_at DESC, id DESC);
CREATE INDEX approval_mine ON door.approval_request (requested_by, created_at DESC);

CREATE TABLE door.approval (
  id             uuid PRIMARY KEY,
  request_id     uuid NOT NULL,
  requested_by   uuid NOT NULL,
  approver       uuid NOT NULL,
  decision       text NOT NULL CHECK (decision IN ('approve', 'deny')),
  payload_digest bytea NOT NULL,
  session        text NOT NULL,
  reason         text CHECK (reason LIKE 'e1.%'),
  at             timestamptz NOT NULL,
  UNIQUE (request_id, approver),
  FOREIGN KEY (request_id, requested_by) REFERENCES door.approval_request (id, requested_by),
  CHECK (approver <> requested_by)
);

-- Who did what to which object, kept only for the commands that a dynamic duty names.
CREATE TABLE door.deed (
  command     text NOT NULL,
  target_type text NOT NULL,
  target_id   text NOT NULL,
  actor_id    text NOT NULL,
  at          timestamptz NOT NULL,
  PRIMARY KEY (target_type, target_id, command, actor_id)
);

-- Effects on the outside, written with the change that causes them, delivered afterwards.
CREATE TABLE door.outbox (
  id           uuid PRIMARY KEY,
  command_id   uuid NOT NULL,
  kind         text NOT NULL,
  body         text NOT NULL,                 -- sealed
  state        text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'delivered', 'failed')),
  attempts     integer NOT NULL DEFAULT 0,
  last_error   text,
  due_at       timestamptz NOT NULL,
  created_at   timestamptz NOT NULL,
  delivered_at timestamptz
);
CREATE INDEX outbox_due ON door.outbox (due_at) WHERE state = 'due';

SELECT door.business_table('door.approval_request', 'insert, update');
SELECT door.business_table('door.approval', 'insert');
SELECT door.append_only('door.approval');
SELECT door.business_table('door.deed', 'insert, update');
SELECT door.business_table('door.outbox', 'insert, update');

-- Commands older than the policy's window are only history that the log holds better.
CREATE FUNCTION door.forget_commands(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH gone AS (DELETE FROM door.command WHERE at < before AND at < now() - interval '1 day' RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION door.forget_commands(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION door.forget_commands(timestamptz) TO gatehouse_app;
