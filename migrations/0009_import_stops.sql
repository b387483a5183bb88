-- An import is stopped when whoever started it may no longer do so. Source of the rule: design "access" (disabling a
-- person works on their very next request, on every node), ASVS 8.3.3.

ALTER TABLE members.import
  ADD COLUMN stopped text CHECK (stopped IN ('person_disabled', 'permission')),
  ADD CHECK (stopped IS NULL OR (state = 'cancelled' AND started_by IS NOT NULL));
