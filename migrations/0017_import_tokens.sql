-- The blind indexes of imported rows have a table of their own, which is emptied when their import has ended: beside the
-- rows, which only grow, they could never be cleared, and said for ever that a number had stood in a file.
-- Source of the rule: design "vault", erasure clears the blind indexes.

-- A phone and a mail stand once in a file; a later row with the same is refused.
CREATE TABLE members.import_token (
  import_id uuid NOT NULL REFERENCES members.import (id),
  phase     text NOT NULL CHECK (phase IN ('check', 'run')),
  kind      text NOT NULL CHECK (kind IN ('phone', 'email')),
  token     bytea NOT NULL,
  PRIMARY KEY (import_id, phase, kind, token)
);

-- Only of imports that still go on: nobody needs the others.
INSERT INTO members.import_token (import_id, phase, kind, token)
SELECT r.import_id, r.phase, t.kind, t.token
FROM members.import_row r
JOIN members.import i ON i.id = r.import_id AND i.state NOT IN ('done', 'refused', 'cancelled')
CROSS JOIN LATERAL (VALUES ('phone', r.phone_bx), ('email', r.email_bx)) AS t (kind, token)
WHERE r.outcome <> 'refused' AND t.token IS NOT NULL;

SELECT door.business_table('members.import_token', 'insert, delete');

ALTER TABLE members.import_row DROP COLUMN phone_bx, DROP COLUMN email_bx;
-- a dropped column's values stay in the rows until the table is written anew
CLUSTER members.import_row USING import_row_pkey;
