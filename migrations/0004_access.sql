-- Access: who works here, how they prove it, and what they were given.
-- Tokens and codes stand here only as hashes, TOTP seeds only as vault envelopes. Source of the rules: design "access".

CREATE SCHEMA access;
GRANT USAGE ON SCHEMA access TO gatehouse_app, gatehouse_reader;

-- Login and name are the person's business identity, shown to colleagues; no private address is kept.
CREATE TABLE access.person (
  id           uuid PRIMARY KEY,
  login        text NOT NULL CHECK (login ~ '^[a-z][a-z0-9._-]{1,31}$'),
  display_name text NOT NULL CHECK (length(display_name) BETWEEN 1 AND 80),
  state        text NOT NULL DEFAULT 'invited' CHECK (state IN ('invited', 'active', 'disabled')),
  created_at   timestamptz NOT NULL,
  created_by   text NOT NULL,
  disabled_at  timestamptz,
  version      integer NOT NULL DEFAULT 1 CHECK (version > 0),
  CONSTRAINT person_login_taken UNIQUE (login),
  CHECK ((state = 'disabled') = (disabled_at IS NOT NULL))
);
SELECT door.business_table('access.person', 'insert, update');

-- Apart from the person, so that changing the language does not wait for whoever is acting just now.
CREATE TABLE access.preference (
  person_id uuid PRIMARY KEY REFERENCES access.person (id),
  language  text NOT NULL DEFAULT 'zh-CN' CHECK (language IN ('zh-CN', 'en')),
  theme     text NOT NULL DEFAULT 'system' CHECK (theme IN ('system', 'light', 'dark')),
  density   text NOT NULL DEFAULT 'comfortable' CHECK (density IN ('comfortable', 'compact'))
);
SELECT door.business_table('access.preference', 'insert, update');

-- argon2id, keyed with a pepper that is not in the database. The hash names its own figures.
CREATE TABLE access.password (
  person_id  uuid PRIMARY KEY REFERENCES access.person (id),
  hash       text NOT NULL CHECK (hash LIKE '$argon2id$%'),
  version    integer NOT NULL DEFAULT 1 CHECK (version > 0),
  changed_at timestamptz NOT NULL
);
SELECT door.business_table('access.password', 'insert, update');

-- `last_step` only ever grows: a code that was used once is not used again. A seed that waits for its first code is good
-- for some minutes and for the session that asked for it.
CREATE TABLE access.totp (
  id           uuid PRIMARY KEY,
  person_id    uuid NOT NULL REFERENCES access.person (id),
  secret       text NOT NULL,
  state        text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'active', 'locked', 'removed')),
  last_step    bigint NOT NULL DEFAULT 0 CHECK (last_step >= 0),
  created_at   timestamptz NOT NULL,
  asked_by     uuid,                          -- handle of the session
  expires_at   timestamptz,
  confirmed_at timestamptz,
  ended_at     timestamptz,
  CHECK (state <> 'pending' OR (asked_by IS NOT NULL AND expires_at IS NOT NULL)),
  CHECK ((state IN ('active', 'locked')) <= (confirmed_at IS NOT NULL)),
  CHECK ((state = 'removed') = (ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX totp_one_pending ON access.totp (person_id) WHERE state = 'pending';
CREATE UNIQUE INDEX totp_one_in_use ON access.totp (person_id) WHERE state IN ('active', 'locked');
SELECT door.business_table('access.totp', 'insert, update');

CREATE TABLE access.recovery_code (
  id          uuid PRIMARY KEY,
  person_id   uuid NOT NULL REFERENCES access.person (id),
  code_hash   bytea NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
  created_at  timestamptz NOT NULL,
  used_at     timestamptz,
  replaced_at timestamptz
);
CREATE INDEX recovery_code_live ON access.recovery_code (person_id) WHERE used_at IS NULL AND replaced_at IS NULL;
SELECT door.business_table('access.recovery_code', 'insert, update');

-- A browser that has signed in with both factors; it has a throttle of its own.
CREATE TABLE access.device (
  id            uuid PRIMARY KEY,
  person_id     uuid NOT NULL REFERENCES access.person (id),
  token_hash    bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  agent         text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL,
  ended_at      timestamptz
);
CREATE INDEX device_of ON access.device (person_id) WHERE ended_at IS NULL;
SELECT door.business_table('access.device', 'insert, update');

-- `id` is SHA-256 of the token in the cookie. A renewal makes a new row under the same handle and ends the old one.
CREATE TABLE access.session (
  id               text PRIMARY KEY CHECK (id ~ '^[0-9a-f]{64}$'),
  handle           uuid NOT NULL,
  person_id        uuid NOT NULL REFERENCES access.person (id),
  level            integer NOT NULL CHECK (level BETWEEN 1 AND 2),
  authenticated_at timestamptz NOT NULL,
  factor_at        timestamptz,
  created_at       timestamptz NOT NULL,
  expires_at       timestamptz NOT NULL CHECK (expires_at > created_at),
  address          text NOT NULL DEFAULT '',
  agent            text NOT NULL DEFAULT '',
  device_id        uuid REFERENCES access.device (id),
  ended_at         timestamptz,
  ended_because    text,
  CHECK ((level = 2) = (factor_at IS NOT NULL)),
  CHECK ((ended_at IS NULL) = (ended_because IS NULL))
);
CREATE UNIQUE INDEX session_one_live ON access.session (handle) WHERE ended_at IS NULL;
CREATE INDEX session_of ON access.session (person_id, created_at DESC) WHERE ended_at IS NULL;
SELECT door.business_table('access.session', 'insert, update');

-- Narrow writer `touchSession`: when a session was last seen. No guard, no other content.
CREATE TABLE access.activity (
  handle       uuid PRIMARY KEY,
  last_seen_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE ON access.activity TO gatehouse_app;
GRANT SELECT ON access.activity TO gatehouse_reader;

-- Password and factor shown now, for one input only.
CREATE TABLE access.step_up (
  id         uuid PRIMARY KEY,
  session_id text NOT NULL REFERENCES access.session (id),
  digest     bytea NOT NULL CHECK (octet_length(digest) = 32),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz
);
CREATE UNIQUE INDEX step_up_one_open ON access.step_up (session_id, digest) WHERE used_at IS NULL;
SELECT door.business_table('access.step_up', 'insert, update');

-- One-time links: first set-up, invitation, password reset.
CREATE TABLE access.link (
  id         uuid PRIMARY KEY,
  kind       text NOT NULL CHECK (kind IN ('setup', 'invite', 'reset')),
  person_id  uuid REFERENCES access.person (id),
  token_hash bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at    timestamptz,
  revoked_at timestamptz,
  CHECK ((kind = 'setup') = (person_id IS NULL))
);
CREATE INDEX link_open ON access.link (person_id) WHERE used_at IS NULL AND revoked_at IS NULL;
SELECT door.business_table('access.link', 'insert, update');

-- What a person was given. `eligible` gives nothing but the right to take the role for some hours.
CREATE TABLE access.role_grant (
  id          uuid PRIMARY KEY,
  person_id   uuid NOT NULL REFERENCES access.person (id),
  role        text NOT NULL CHECK (role ~ '^[a-z][a-z_]*$'),
  kind        text NOT NULL CHECK (kind IN ('standing', 'eligible', 'just_in_time', 'break_glass')),
  reason      text CHECK (reason LIKE 'e1.%'),   -- sealed: free text can hold anything
  incident    text,
  granted_by  text NOT NULL,
  granted_at  timestamptz NOT NULL,
  expires_at  timestamptz,
  revoked_at  timestamptz,
  revoked_by  text,
  CHECK ((kind IN ('just_in_time', 'break_glass')) = (expires_at IS NOT NULL)),
  -- The ceilings of the design, which no policy may pass.
  CHECK (kind <> 'just_in_time' OR expires_at <= granted_at + interval '8 hours'),
  CHECK (kind <> 'break_glass' OR expires_at <= granted_at + interval '60 minutes'),
  CHECK ((kind = 'break_glass') = (role = 'break_glass')),
  -- A person says why; the set-up needs not.
  CHECK (reason IS NOT NULL OR granted_by !~ '^[0-9a-f]{8}-'),
  -- Nobody gives a lasting right to themselves.
  CHECK (kind IN ('just_in_time', 'break_glass') OR granted_by <> person_id::text),
  CHECK ((revoked_at IS NULL) = (revoked_by IS NULL))
);
CREATE UNIQUE INDEX role_grant_once ON access.role_grant (person_id, role, kind)
  WHERE revoked_at IS NULL AND expires_at IS NULL;
CREATE INDEX role_grant_of ON access.role_grant (person_id) WHERE revoked_at IS NULL;
SELECT door.business_table('access.role_grant', 'insert, update');

-- Pairs of roles that no one person may hold, written from the policy in force.
CREATE TABLE access.role_conflict (
  one   text NOT NULL,
  other text NOT NULL,
  duty  text NOT NULL,
  PRIMARY KEY (one, other, duty),
  CHECK (one <= other)
);
SELECT door.business_table('access.role_conflict', 'insert, delete');

CREATE FUNCTION access.broken_duty(whom uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT c.duty FROM access.role_conflict c
  JOIN access.role_grant a ON a.role = c.one
  JOIN access.role_grant b ON b.role = c.other AND b.person_id = a.person_id
  WHERE (whom IS NULL OR a.person_id = whom)
    AND a.revoked_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > now())
    AND b.revoked_at IS NULL AND (b.expires_at IS NULL OR b.expires_at > now())
  LIMIT 1
$$;
REVOKE ALL ON FUNCTION access.broken_duty(uuid) FROM PUBLIC;

-- The lock makes two grants to one person wait for each other: neither sees what the other has not committed. It is one
-- that the foreign key of both does not stand in the way of.
CREATE FUNCTION access.keep_duties_of_person() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE broken text;
BEGIN
  PERFORM FROM access.person WHERE id = NEW.person_id FOR NO KEY UPDATE;
  broken := access.broken_duty(NEW.person_id);
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'grant breaks the duty %', broken USING ERRCODE = 'GH005';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER keeps_duties AFTER INSERT OR UPDATE ON access.role_grant
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.keep_duties_of_person();

-- New rules are held against everything that people hold already.
CREATE FUNCTION access.keep_duties_of_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE broken text;
BEGIN
  broken := access.broken_duty(NULL);
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'somebody holds both sides of the duty %', broken USING ERRCODE = 'GH005';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER keeps_duties AFTER INSERT ON access.role_conflict
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION access.keep_duties_of_all();

-- Emergencies. The grant gives the rights; this row keeps the reason and waits for its review.
CREATE TABLE access.break_glass (
  id             uuid PRIMARY KEY REFERENCES access.role_grant (id),
  person_id      uuid NOT NULL REFERENCES access.person (id),
  reason         text NOT NULL CHECK (reason LIKE 'e1.%'),
  opened_at      timestamptz NOT NULL,
  expires_at     timestamptz NOT NULL,
  ended_at       timestamptz,
  review_due_at  timestamptz NOT NULL,
  reviewed_at    timestamptz,
  reviewed_by    uuid REFERENCES access.person (id),
  review_outcome text CHECK (review_outcome IN ('justified', 'not_justified')),
  review_note    text CHECK (review_note LIKE 'e1.%'),
  version        integer NOT NULL DEFAULT 1,
  CHECK (reviewed_by <> person_id),
  CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
  CHECK ((reviewed_at IS NULL) = (review_outcome IS NULL))
);
CREATE INDEX break_glass_open ON access.break_glass (review_due_at) WHERE reviewed_at IS NULL;
SELECT door.business_table('access.break_glass', 'insert, update');

-- What the console tells a person; `facts` are codes and counts, the words are messages.
CREATE TABLE access.notice (
  id        uuid PRIMARY KEY,
  person_id uuid NOT NULL REFERENCES access.person (id),
  kind      text NOT NULL CHECK (kind ~ '^[a-z_]+$'),
  facts     jsonb NOT NULL DEFAULT '{}',
  href      text,
  at        timestamptz NOT NULL,
  read_at   timestamptz
);
CREATE INDEX notice_unread ON access.notice (person_id, at DESC) WHERE read_at IS NULL;
SELECT door.business_table('access.notice', 'insert, update');

-- The first three people. Once closed it stays closed.
CREATE TABLE access.setup (
  one_row   boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  first     uuid REFERENCES access.person (id),
  second    uuid REFERENCES access.person (id),
  approver  uuid REFERENCES access.person (id),
  closed_at timestamptz
);
INSERT INTO access.setup DEFAULT VALUES;
CREATE FUNCTION access.setup_stays_closed() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.closed_at IS NOT NULL THEN
    RAISE EXCEPTION 'set-up is closed' USING ERRCODE = 'GH006';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER stays_closed BEFORE UPDATE ON access.setup FOR EACH ROW EXECUTE FUNCTION access.setup_stays_closed();
SELECT door.business_table('access.setup', 'update');

-- Narrow writer `throttle`: how often something was tried. Keys are keyed digests. No guard.
CREATE TABLE access.throttle (
  key           bytea PRIMARY KEY,
  tries         integer NOT NULL CHECK (tries >= 0),
  window_start  timestamptz NOT NULL,
  blocked_until timestamptz NOT NULL
);
CREATE INDEX throttle_old ON access.throttle (window_start);
GRANT SELECT, INSERT, UPDATE, DELETE ON access.throttle TO gatehouse_app;
