-- The vault: wrapped data keys, what may be searched, and how far a rotation has come.
-- Source of the rules: design "vault".

CREATE SCHEMA vault;
GRANT USAGE ON SCHEMA vault TO gatehouse_app, gatehouse_reader;

-- One data key (DEK) per subject and purpose, wrapped by a key-encryption key (KEK) that is never in the database.
CREATE TABLE vault.dek (
  dek_id      uuid PRIMARY KEY,
  subject_id  uuid NOT NULL,
  purpose     text NOT NULL CHECK (purpose IN ('profile', 'trade', 'service', 'audit-detail', 'door', 'staff')),
  kek_id      text NOT NULL,
  kek_version integer NOT NULL CHECK (kek_version > 0),
  wrapped     bytea CHECK (octet_length(wrapped) BETWEEN 48 AND 4096),
  state       text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'restricted', 'shredded')),
  created_at  timestamptz NOT NULL,
  shredded_at timestamptz,
  UNIQUE (subject_id, purpose),
  -- Shredded means that the key is gone, not that a flag is set.
  CHECK ((state = 'shredded') = (wrapped IS NULL)),
  CHECK ((state = 'shredded') = (shredded_at IS NOT NULL))
);
CREATE INDEX dek_to_rewrap ON vault.dek (kek_version, dek_id) WHERE state <> 'shredded';

SELECT door.business_table('vault.dek', 'insert');
GRANT UPDATE (kek_id, kek_version, wrapped, state, shredded_at) ON vault.dek TO gatehouse_app;

-- A key's life goes one way: active, restricted, shredded.
CREATE FUNCTION vault.dek_goes_forward() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  IF OLD.state = 'shredded' OR (OLD.state = 'restricted' AND NEW.state = 'active') THEN
    RAISE EXCEPTION 'data key %: % cannot become %', OLD.dek_id, OLD.state, NEW.state USING ERRCODE = 'GH004';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER goes_forward BEFORE UPDATE ON vault.dek FOR EACH ROW EXECUTE FUNCTION vault.dek_goes_forward();

-- A person's key outlives its row: deleting would let a second key be made for somebody who was erased.
CREATE TRIGGER is_kept BEFORE DELETE OR TRUNCATE ON vault.dek
  FOR EACH STATEMENT EXECUTE FUNCTION door.refuse_change();

-- What may be searched, and what that shows: R rows, K bits of entropy, L bits shown, C expected coincidences.
CREATE TABLE vault.blind_index (
  index_id     uuid PRIMARY KEY,
  table_name   text NOT NULL,
  column_name  text NOT NULL,
  transform    text NOT NULL,
  version      integer NOT NULL CHECK (version > 0),
  exact        boolean NOT NULL,
  planned_rows integer NOT NULL CHECK (planned_rows > 0),
  entropy_bits double precision NOT NULL CHECK (entropy_bits > 0),
  bits         integer NOT NULL CHECK (bits BETWEEN 1 AND 128),
  coincidences double precision NOT NULL,
  state        text NOT NULL DEFAULT 'current' CHECK (state IN ('current', 'retired')),
  created_at   timestamptz NOT NULL,
  UNIQUE (table_name, column_name, transform, version),
  CHECK (exact = (bits = 128)),
  -- The budget, for every index that is not an equality index by declaration.
  CHECK (exact OR (coincidences >= 2 AND coincidences <= sqrt(planned_rows)))
);
CREATE UNIQUE INDEX blind_index_one_current ON vault.blind_index (table_name, column_name, transform)
  WHERE state = 'current';

SELECT door.business_table('vault.blind_index', 'insert');
GRANT UPDATE (state) ON vault.blind_index TO gatehouse_app;

-- How far a rotation has come. What is still to do is read from the keys themselves, so that a kill loses nothing.
CREATE TABLE vault.rotation (
  id           uuid PRIMARY KEY,
  kind         text NOT NULL CHECK (kind IN ('kek')),
  from_version integer NOT NULL,
  to_version   integer NOT NULL CHECK (to_version > from_version),
  total        integer NOT NULL CHECK (total >= 0),
  done         integer NOT NULL DEFAULT 0 CHECK (done BETWEEN 0 AND total),
  state        text NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished')),
  started_at   timestamptz NOT NULL,
  finished_at  timestamptz,
  CHECK ((state = 'finished') = (finished_at IS NOT NULL)),
  CHECK (state = 'running' OR done = total)
);
CREATE UNIQUE INDEX rotation_one_running ON vault.rotation (kind) WHERE state = 'running';

SELECT door.business_table('vault.rotation', 'insert');
GRANT UPDATE (total, done, state, finished_at) ON vault.rotation TO gatehouse_app;
