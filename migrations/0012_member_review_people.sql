-- Who submitted a member's data and who reviewed it, on the row itself: no one person may stand on both sides, also when
-- both commands run at once. Source of the rule: clause 5.1.2; design "access" (`CHECK (checker <> maker)`).

ALTER TABLE members.member
  -- person ids; null on rows that were submitted or reviewed before this was kept
  ADD COLUMN submitted_by text,
  ADD COLUMN reviewed_by  text,
  ADD CONSTRAINT member_review_other CHECK (reviewed_by <> submitted_by),
  ADD CONSTRAINT member_review_whole CHECK (reviewed_by IS NULL OR (reviewed_at IS NOT NULL AND review_state <> 'submitted'));
