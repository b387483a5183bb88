-- Members: who buys here, what they agreed to, and how their data came in.
-- Personal data stands here only as vault envelopes (*_ct) and blind indexes (*_bx). Source of the rules: design "mall",
-- "vault"; clauses 5.1.0 to 5.1.5 of the register.

CREATE SCHEMA members;
GRANT USAGE ON SCHEMA members TO gatehouse_app, gatehouse_reader;

CREATE TABLE members.member (
  id                  uuid PRIMARY KEY,
  no                  text NOT NULL CHECK (no ~ '^[A-Z0-9][A-Z0-9-]{2,31}$'),
  name_ct             text NOT NULL,
  sex_ct              text,
  birth_ct            text,
  phone_ct            text,
  email_ct            text,
  -- Equality is what uniqueness needs; the two others show only as many bits as the planner allows.
  phone_bx            bytea,
  email_bx            bytea,
  name_bx             bytea,
  phone4_bx           bytea,
  tier                text NOT NULL DEFAULT 'standard' CHECK (tier IN ('standard', 'silver', 'gold', 'platinum')),
  review_state        text NOT NULL DEFAULT 'submitted' CHECK (review_state IN ('submitted', 'approved', 'returned')),
  review_reason       text,
  reviewed_at         timestamptz,
  status              text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'frozen')),
  status_reason       text,
  phone_verified_at   timestamptz,
  email_verified_at   timestamptz,
  -- The members' own door refuses every session that began before this instant.
  sessions_valid_from timestamptz NOT NULL,
  registered_at       timestamptz NOT NULL,
  submitted_at        timestamptz NOT NULL,
  created_at          timestamptz NOT NULL,
  updated_at          timestamptz NOT NULL,
  version             integer NOT NULL DEFAULT 1 CHECK (version > 0),
  -- A member can be reached, and an envelope never stands without its index.
  CHECK (phone_ct IS NOT NULL OR email_ct IS NOT NULL),
  CHECK ((phone_ct IS NULL) = (phone_bx IS NULL)),
  CHECK ((email_ct IS NULL) = (email_bx IS NULL)),
  CHECK ((review_state = 'returned') = (review_reason IS NOT NULL)),
  CHECK ((status = 'frozen') = (status_reason IS NOT NULL)),
  CHECK (phone_verified_at IS NULL OR phone_ct IS NOT NULL),
  CHECK (email_verified_at IS NULL OR email_ct IS NOT NULL),
  CONSTRAINT member_no_taken UNIQUE (no),
  CONSTRAINT member_phone_taken UNIQUE (phone_bx),
  CONSTRAINT member_email_taken UNIQUE (email_bx)
);
-- The list, newest first, alone and by each of its filters.
CREATE INDEX member_newest ON members.member (registered_at DESC, id DESC);
CREATE INDEX member_tier ON members.member (tier, registered_at DESC, id DESC);
CREATE INDEX member_status ON members.member (status, registered_at DESC, id DESC);
CREATE INDEX member_review ON members.member (review_state, registered_at DESC, id DESC);
CREATE INDEX member_queue ON members.member (submitted_at, id) WHERE review_state = 'submitted';
CREATE INDEX member_name ON members.member (name_bx);
CREATE INDEX member_phone4 ON members.member (phone4_bx);
SELECT door.business_table('members.member', 'insert, update');

-- What a member agreed to or withdrew. The newest row of a purpose is the answer; the others are the proof.
CREATE TABLE members.consent (
  id             uuid PRIMARY KEY,
  member_id      uuid NOT NULL REFERENCES members.member (id),
  purpose        text NOT NULL CHECK (purpose IN ('service', 'marketing', 'profiling', 'sharing')),
  policy_version text NOT NULL CHECK (policy_version ~ '^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$'),
  granted        boolean NOT NULL,
  channel        text NOT NULL CHECK (channel IN ('counter', 'phone', 'mail', 'web', 'app', 'import')),
  at             timestamptz NOT NULL
);
CREATE INDEX consent_newest ON members.consent (member_id, purpose, id DESC);
SELECT door.business_table('members.consent', 'insert');
SELECT door.append_only('members.consent');

-- What a person of the staff has used up in the current window: looks at plaintext by the day, searches by the minute.
CREATE TABLE members.budget (
  person   text NOT NULL,
  kind     text NOT NULL CHECK (kind IN ('reveal', 'search')),
  "window" text NOT NULL,
  used     integer NOT NULL CHECK (used > 0),
  PRIMARY KEY (person, kind)
);
SELECT door.business_table('members.budget', 'insert, update');

-- A permitted export of one member's data: fetched once, by whoever asked, before it expires.
CREATE TABLE members.export (
  id            uuid PRIMARY KEY,
  member_id     uuid NOT NULL REFERENCES members.member (id),
  requested_by  text NOT NULL,
  permitted_at  timestamptz NOT NULL,
  expires_at    timestamptz NOT NULL CHECK (expires_at > permitted_at),
  downloaded_at timestamptz
);
CREATE INDEX export_newest ON members.export (requested_by, permitted_at DESC);
CREATE INDEX export_member ON members.export (member_id);
SELECT door.business_table('members.export', 'insert, update');

-- A file of members on its way in. `at_chunk`, `at_byte` and `at_line` say where its next row begins.
CREATE TABLE members.import (
  id          uuid PRIMARY KEY,
  state       text NOT NULL DEFAULT 'uploading'
              CHECK (state IN ('uploading', 'uploaded', 'checking', 'checked', 'running', 'done', 'refused', 'cancelled')),
  bytes       bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
  chunks      integer NOT NULL DEFAULT 0 CHECK (chunks >= 0),
  sha256      bytea CHECK (octet_length(sha256) = 32),
  encoding    text CHECK (encoding IN ('utf-8', 'gb18030')),
  columns     text[],
  at_chunk    integer NOT NULL DEFAULT 0,
  at_byte     integer NOT NULL DEFAULT 0,
  at_line     integer NOT NULL DEFAULT 1,
  -- Counts of the phase that goes on or went last; `checked_rows` remains as the total of the second.
  rows_done   integer NOT NULL DEFAULT 0,
  created     integer NOT NULL DEFAULT 0,
  changed     integer NOT NULL DEFAULT 0,
  unchanged   integer NOT NULL DEFAULT 0,
  refused     integer NOT NULL DEFAULT 0,
  checked_rows integer,
  problem     text,
  problem_line integer,
  uploaded_by text NOT NULL,
  started_by  text,
  created_at  timestamptz NOT NULL,
  phase_at    timestamptz NOT NULL,
  touched_at  timestamptz NOT NULL,
  finished_at timestamptz,
  version     integer NOT NULL DEFAULT 1,
  CHECK ((state = 'refused') = (problem IS NOT NULL)),
  CHECK (state NOT IN ('running', 'done') OR started_by IS NOT NULL),
  CHECK (state IN ('uploading', 'cancelled', 'refused') OR (sha256 IS NOT NULL AND encoding IS NOT NULL)),
  CHECK (rows_done = created + changed + unchanged + refused),
  CHECK ((state IN ('done', 'refused', 'cancelled')) = (finished_at IS NOT NULL))
);
CREATE INDEX import_newest ON members.import (created_at DESC, id DESC);
CREATE INDEX import_at_work ON members.import (touched_at)
  WHERE state IN ('uploading', 'uploaded', 'checking', 'checked', 'running');
SELECT door.business_table('members.import', 'insert, update');

-- The uploaded bytes, sealed piece by piece. They go when the import has ended.
CREATE TABLE members.import_chunk (
  import_id uuid NOT NULL REFERENCES members.import (id),
  no        integer NOT NULL CHECK (no >= 0),
  sealed    text NOT NULL,
  PRIMARY KEY (import_id, no)
);
ALTER TABLE members.import_chunk ALTER COLUMN sealed SET STORAGE EXTERNAL;
SELECT door.business_table('members.import_chunk', 'insert, delete');

-- What became of each row: first as the dry run foresaw it, then as it was. No value of the row stands here.
CREATE TABLE members.import_row (
  import_id uuid NOT NULL REFERENCES members.import (id),
  phase     text NOT NULL CHECK (phase IN ('check', 'run')),
  line      integer NOT NULL CHECK (line > 1),
  member_no text,
  outcome   text NOT NULL CHECK (outcome IN ('created', 'changed', 'unchanged', 'refused')),
  code      text,
  field     text,
  phone_bx  bytea,
  email_bx  bytea,
  PRIMARY KEY (import_id, phase, line),
  CHECK ((outcome = 'refused') = (code IS NOT NULL))
);
-- A number, a phone and a mail stand once in a file; a later row with the same is refused.
CREATE UNIQUE INDEX import_row_no ON members.import_row (import_id, phase, member_no) WHERE outcome <> 'refused';
CREATE UNIQUE INDEX import_row_phone ON members.import_row (import_id, phase, phone_bx) WHERE outcome <> 'refused';
CREATE UNIQUE INDEX import_row_email ON members.import_row (import_id, phase, email_bx) WHERE outcome <> 'refused';
CREATE INDEX import_row_refused ON members.import_row (import_id, phase, line) WHERE outcome = 'refused';
SELECT door.business_table('members.import_row', 'insert');
SELECT door.append_only('members.import_row');

-- The members counted, small cells already withheld. Only whole computations are kept, the newest is shown.
CREATE TABLE members.statistic (
  id          uuid PRIMARY KEY,
  computed_at timestamptz NOT NULL,
  min_cell    integer NOT NULL CHECK (min_cell > 1),
  total       integer NOT NULL,
  cells       jsonb NOT NULL
);
CREATE INDEX statistic_newest ON members.statistic (computed_at DESC);
SELECT door.business_table('members.statistic', 'insert');
SELECT door.append_only('members.statistic');
