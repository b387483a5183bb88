-- Access reviews: a lasting grant is looked at again from time to time, by somebody else than its holder, or it lapses.
-- Source of the rule: design "access" ("unreviewed grants lapse at access review"), PCI DSS 4.0.1, 7.2.4 (every six months).

ALTER TABLE access.role_grant
  ADD COLUMN reviewed_at timestamptz,
  ADD COLUMN reviewed_by uuid REFERENCES access.person (id),
  ADD CHECK ((reviewed_at IS NULL) = (reviewed_by IS NULL)),
  ADD CHECK (reviewed_by <> person_id);

-- Whose last look is oldest comes first.
CREATE INDEX role_grant_last_look ON access.role_grant (coalesce(reviewed_at, granted_at))
  WHERE revoked_at IS NULL AND expires_at IS NULL;
