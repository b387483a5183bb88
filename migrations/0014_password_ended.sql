-- A password that opens nothing any more: it was taken away with the factor beside it, because somebody else may know it.
-- The next one-time link sets a new one.

ALTER TABLE access.password ADD COLUMN ended_at timestamptz;
