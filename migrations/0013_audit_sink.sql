-- How far the log has been handed to other systems. Source of the rules: design "audit", sinks; "asvs" 16.4.3.

-- One row a sink. `next` is the first index that is not known to have arrived; it only ever grows.
CREATE TABLE audit.sink (
  name          text PRIMARY KEY,
  next          bigint NOT NULL DEFAULT 0 CHECK (next >= 0),
  sent_at       timestamptz,
  failing_since timestamptz,
  code          text CHECK (length(code) <= 100),
  CHECK ((failing_since IS NULL) = (code IS NULL))
);
-- Written by whoever leads the log, beside it, like its tiles: no command moves a cursor.
GRANT SELECT, INSERT, UPDATE ON audit.sink TO gatehouse_sequencer;
GRANT SELECT ON audit.sink TO gatehouse_reader;
