-- What proves who somebody is, behind a wall of its own. The reader never reads a hash, a seed or the digest of a token;
-- it can only ask about one that it names. The application's role touches the password, the factor and the recovery
-- codes of one person in a transaction: of whoever acts, unless the command says whom it is about.
-- Source of the rule: design "access", the database as the second wall.

-- The reader: the columns without the secrets.
REVOKE SELECT ON access.password, access.totp, access.recovery_code, access.device, access.link FROM gatehouse_reader;
GRANT SELECT (person_id, version, changed_at, ended_at) ON access.password TO gatehouse_reader;
GRANT SELECT (id, person_id, state, created_at, asked_by, expires_at, confirmed_at, ended_at) ON access.totp TO gatehouse_reader;
GRANT SELECT (id, person_id, created_at, used_at, replaced_at) ON access.recovery_code TO gatehouse_reader;
GRANT SELECT (id, person_id, agent, first_seen_at, expires_at, ended_at) ON access.device TO gatehouse_reader;
GRANT SELECT (id, kind, person_id, created_by, created_at, expires_at, used_at, revoked_at) ON access.link TO gatehouse_reader;

-- The hash that a typed password is tried against, of one person.
CREATE FUNCTION access.password_of(whom uuid, OUT hash text, OUT version integer) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT p.hash, p.version FROM access.password p WHERE p.person_id = whom AND p.ended_at IS NULL
$$;

-- The sealed seed that waits for its first code, for the live session that asked for it.
CREATE FUNCTION access.pending_seed(session text, at timestamptz) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT t.secret FROM access.totp t JOIN access.session s ON s.handle = t.asked_by AND s.person_id = t.person_id
  WHERE s.id = session AND s.ended_at IS NULL AND t.state = 'pending' AND t.expires_at > at
$$;

-- Whoever holds a token learns what it is for; nobody learns a token.
CREATE FUNCTION access.device_of(token bytea, whom uuid, at timestamptz) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT id FROM access.device
  WHERE token_hash = token AND person_id = whom AND ended_at IS NULL AND expires_at > at
$$;
CREATE FUNCTION access.link_of(token bytea, at timestamptz, OUT kind text, OUT login text, OUT name text) RETURNS SETOF record
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT l.kind, p.login, p.display_name FROM access.link l LEFT JOIN access.person p ON p.id = l.person_id
  WHERE l.token_hash = token AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.expires_at > at
$$;

CREATE FUNCTION access.is_enrolled(whom uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
  SELECT EXISTS (SELECT FROM access.totp WHERE person_id = whom AND state IN ('active', 'locked'))
$$;

-- Seeds that nobody can confirm any more, whoever began with them. The table's trigger asks for a command.
CREATE FUNCTION access.drop_stale_seeds(at timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH dropped AS (
    UPDATE access.totp AS t SET state = 'removed', ended_at = at
    WHERE t.state = 'pending' AND (t.expires_at <= at OR NOT EXISTS (
      SELECT FROM access.session s WHERE s.handle = t.asked_by AND s.ended_at IS NULL))
    RETURNING 1)
  SELECT count(*) FROM dropped
$$;

REVOKE ALL ON FUNCTION access.password_of(uuid), access.pending_seed(text, timestamptz),
  access.device_of(bytea, uuid, timestamptz), access.link_of(bytea, timestamptz), access.is_enrolled(uuid),
  access.drop_stale_seeds(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.password_of(uuid), access.pending_seed(text, timestamptz),
  access.device_of(bytea, uuid, timestamptz), access.link_of(bytea, timestamptz) TO gatehouse_reader;
GRANT EXECUTE ON FUNCTION access.is_enrolled(uuid) TO gatehouse_app, gatehouse_reader;
GRANT EXECUTE ON FUNCTION access.drop_stale_seeds(timestamptz) TO gatehouse_app;

-- Inside a command: the password is written, and never read; the rest is read and written for one person.
REVOKE SELECT ON access.password FROM gatehouse_app;
GRANT SELECT (person_id, version, changed_at, ended_at) ON access.password TO gatehouse_app;

-- Whom a transaction is about. The setting ends with the transaction; without one there is nobody.
CREATE FUNCTION access.about() RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog AS $$
  SELECT nullif(current_setting('gatehouse.about', true), '')::uuid
$$;
REVOKE ALL ON FUNCTION access.about() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.about() TO gatehouse_app;

ALTER TABLE access.password ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.totp ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.recovery_code ENABLE ROW LEVEL SECURITY;
CREATE POLICY one_person ON access.password TO gatehouse_app USING (person_id = access.about());
CREATE POLICY one_person ON access.totp TO gatehouse_app USING (person_id = access.about());
CREATE POLICY one_person ON access.recovery_code TO gatehouse_app USING (person_id = access.about());
CREATE POLICY no_secrets ON access.password FOR SELECT TO gatehouse_reader USING (true);
CREATE POLICY no_secrets ON access.totp FOR SELECT TO gatehouse_reader USING (true);
CREATE POLICY no_secrets ON access.recovery_code FOR SELECT TO gatehouse_reader USING (true);
