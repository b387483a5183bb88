import { expect, test } from "vitest";
import { uuidv7 } from "../../../src/door/ids.ts";
import { isRelease, makeRelease, Release } from "../../../src/door/release.ts";

const field = { table: "members.member", column: "phone_ct", rowId: uuidv7() };

test("a release covers the fields of its event and no other", () => {
  const release = makeRelease(uuidv7(), [field]);
  expect(release.covers(field)).toBe(true);
  expect(release.covers({ ...field, rowId: uuidv7() })).toBe(false);
  expect(release.covers({ ...field, column: "email_ct" })).toBe(false);
  expect(release.covers({ ...field, table: "members" })).toBe(false);
});

test("nothing else passes for a release", () => {
  const genuine = makeRelease(uuidv7(), [field]);
  const fakes: unknown[] = [
    { eventId: genuine.eventId, recipient: null, legalBasis: null, covers: () => true },
    Object.create(Release.prototype),
    Object.create(genuine),
    JSON.parse(JSON.stringify(genuine)),
    structuredClone({ eventId: genuine.eventId }),
    null,
    "release",
  ];
  expect(isRelease(genuine)).toBe(true);
  expect(fakes.filter(isRelease)).toEqual([]);
  expect(() => new Release(Symbol("release"), uuidv7(), [field], {})).toThrow(/only the door/);
});

test("a release cannot be widened after it was made", () => {
  const fields = [field];
  const release = makeRelease(uuidv7(), fields);
  const other = { ...field, rowId: uuidv7() };
  fields.push(other);
  expect(release.covers(other)).toBe(false);
  expect(Object.isFrozen(release)).toBe(true);
});
