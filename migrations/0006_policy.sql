-- Policies as the database holds them. What is in force is decided here, by version and hash; files are how it travels.
-- Source of the rules: design "architecture" section 4, "compliance".

CREATE SCHEMA policy;
GRANT USAGE ON SCHEMA policy TO gatehouse_app, gatehouse_reader;

CREATE TABLE policy.version (
  id             uuid PRIMARY KEY,
  document       text NOT NULL,
  version        text NOT NULL,
  sha256         bytea NOT NULL CHECK (octet_length(sha256) = 32),
  -- the file, byte for byte
  source         bytea NOT NULL,
  state          text NOT NULL CHECK (state IN ('draft', 'published')),
  effective_from timestamptz,
  imported_at    timestamptz NOT NULL,
  CHECK ((state = 'published') = (effective_from IS NOT NULL)),
  UNIQUE (document, sha256)
);
CREATE INDEX version_in_force ON policy.version (document, effective_from DESC, id DESC) WHERE state = 'published';

SELECT door.business_table('policy.version', 'insert');
SELECT door.append_only('policy.version');

-- The version of each document that is in force at this moment, by database time.
CREATE VIEW policy.in_force AS
  SELECT DISTINCT ON (document) id, document, version, sha256, effective_from
  FROM policy.version
  WHERE state = 'published' AND effective_from <= now()
  ORDER BY document, effective_from DESC, id DESC;
GRANT SELECT ON policy.in_force TO gatehouse_app, gatehouse_reader;
