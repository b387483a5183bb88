-- What is over in access is only history after the policy's days: ended sessions with their addresses and browsers,
-- remembered browsers, used links, codes and steps, read notices, removed seeds. The log keeps what they did.
-- Source of the rules: design "asvs" 14.2.7; POL-PLATFORM `history_days`.

CREATE INDEX step_up_of ON access.step_up (session_id);

-- Through the door only: the statement triggers of the tables refuse a transaction without a command.
CREATE FUNCTION access.forget(before timestamptz) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
  gone bigint := 0;
  limit_at timestamptz;
  n bigint;
BEGIN
  -- nothing of the present, whatever a parameter says
  limit_at := least(before, now() - interval '1 day');
  DELETE FROM access.step_up s USING access.session o
    WHERE s.session_id = o.id AND least(o.expires_at, o.ended_at) < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.step_up WHERE least(expires_at, used_at) < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.session WHERE least(expires_at, ended_at) < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.activity a WHERE a.last_seen_at < limit_at
    AND NOT EXISTS (SELECT FROM access.session s WHERE s.handle = a.handle);
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.device d WHERE least(d.expires_at, d.ended_at) < limit_at
    AND NOT EXISTS (SELECT FROM access.session s WHERE s.device_id = d.id);
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.link WHERE least(expires_at, used_at, revoked_at) < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.notice WHERE read_at < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.recovery_code WHERE least(used_at, replaced_at) < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  DELETE FROM access.totp WHERE state = 'removed' AND ended_at < limit_at;
  GET DIAGNOSTICS n = ROW_COUNT; gone := gone + n;
  RETURN gone;
END $$;
REVOKE ALL ON FUNCTION access.forget(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION access.forget(timestamptz) TO gatehouse_app;

-- Permitted exports of one member's data that nobody can fetch any more.
CREATE FUNCTION members.forget(before timestamptz) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
  WITH gone AS (DELETE FROM members.export WHERE expires_at < least(before, now()) RETURNING 1)
  SELECT count(*) FROM gone
$$;
REVOKE ALL ON FUNCTION members.forget(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION members.forget(timestamptz) TO gatehouse_app;

-- The sequencer never read why a fork was decided: the signer asks as a reader.
REVOKE SELECT ON audit.fork FROM gatehouse_sequencer;
