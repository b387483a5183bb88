import { afterEach, describe, expect, test } from "vitest";
import { cancel } from "../../../../src/mall/members/import/commands.ts";
import { uuidv7 } from "../../../../src/door/ids.ts";
import { upload } from "../../../../src/mall/members/import/commands.ts";
import { everything, membersWorld, type MembersWorld, refusalOf } from "../support.ts";
import { header, uploadBytes } from "./support.ts";

let world: MembersWorld;
afterEach(async () => await world.close());

/** A file of so many bytes that reads well: one very long run of blank lines. */
const fileOf = (bytes: number) => header.padEnd(bytes, "\n");

describe("what one person may have on its way in (ASVS 5.2.4)", () => {
  test("ends at so many files; one that is cancelled makes room, and another person has their own", async () => {
    world = await membersWorld({ params: { import_person_files: 2 } });
    const first = await uploadBytes(world, fileOf(100));
    await uploadBytes(world, fileOf(100));
    expect(await refusalOf(uploadBytes(world, fileOf(100)))).toMatchObject({
      kind: "invalid",
      issues: ["file file_count"],
    });
    const other = { ...world, clerk: world.person(...everything) };
    await uploadBytes(other, fileOf(100));
    await world.door.execute(cancel, world.clerk, { import: first.import });
    await uploadBytes(world, fileOf(100));
  });

  test("ends at so many megabytes, over all files together", async () => {
    world = await membersWorld({ params: { import_person_megabytes: 3, import_max_megabytes: 2 } });
    await uploadBytes(world, fileOf(1_900_000));
    expect(await refusalOf(uploadBytes(world, fileOf(1_200_000)))).toMatchObject({
      kind: "invalid",
      issues: ["file file_quota"],
    });
  });

  test("of twenty uploads begun at the same moment only as many begin", async () => {
    world = await membersWorld({ params: { import_person_files: 3 } });
    const begun = await Promise.allSettled(
      Array.from({ length: 20 }, async () =>
        world.door.execute(upload, world.clerk, {
          import: uuidv7(),
          no: 0,
          bytes: Buffer.from(header).toString("base64"),
          last: null,
        }),
      ),
    );
    expect(begun.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });
});
