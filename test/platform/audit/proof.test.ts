import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { main, verifyPath, verifyProofFile } from "../../../src/platform/audit/gatehouse-verify.ts";
import { formatProof, parseProof, proveEntry } from "../../../src/platform/audit/proof.ts";
import { changeByte, eventBody, eventLog, fileOf, policy } from "./evidence.ts";

const log = eventLog(600);
const note = await log.witnessed(600);
const prove = (index: number) =>
  proveEntry({ index, body: log.bodies[index] ?? Buffer.alloc(0) }, { note, head: { size: 600 } }, log.read);
const given = { policy: Buffer.from(policy) };

describe("a proof file", () => {
  it("proves one entry to whoever holds the policy, and nothing else", async () => {
    const path = await fileOf(await prove(321), "event.tlog-proof");
    expect(await verifyPath(path, given)).toMatchObject({
      exit: 0,
      trust: "given",
      treeSize: 600,
      entries: 1,
    });
  });

  it("is read back as it was written", async () => {
    const text = await prove(321);
    const proof = parseProof(Buffer.from(text));
    expect(proof.index).toBe(321);
    expect(proof.extra).toEqual(log.bodies[321]);
    expect(formatProof(proof)).toBe(text);
  });

  it("is not verifiable without a policy", async () => {
    expect(await verifyPath(await fileOf(await prove(0)))).toMatchObject({ exit: 2, trust: "none" });
  });

  it("never verifies after any byte was changed, or its tail was cut", async () => {
    const proof = Buffer.from(await prove(321));
    await fc.assert(
      fc.asyncProperty(fc.nat(proof.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
        expect((await verifyProofFile(changeByte(proof, at, change), given)).exit).not.toBe(0);
        expect((await verifyProofFile(proof.subarray(0, at), given)).exit).not.toBe(0);
      }),
      { numRuns: 1_000 },
    );
  });

  it("names the entry that it does not prove", async () => {
    const proof = parseProof(Buffer.from(await prove(321)));
    const other = Buffer.from(formatProof({ ...proof, extra: eventBody(322) }));
    expect(await verifyProofFile(other, given)).toMatchObject({ exit: 1, firstBadIndex: 321 });
  });

  it("may come without its entry, which must then be given", async () => {
    const { extra: body = Buffer.alloc(0), ...rest } = parseProof(Buffer.from(await prove(321)));
    const bare = Buffer.from(formatProof(rest));
    expect(await verifyProofFile(bare, given)).toMatchObject({ exit: 2 });
    expect(await verifyProofFile(bare, { ...given, entry: body })).toMatchObject({ exit: 0 });
    expect(
      await verifyProofFile(bare, { ...given, entry: Buffer.concat([body, Buffer.from("\n")]) }),
    ).toMatchObject({ exit: 0 });
    expect(await verifyProofFile(bare, { ...given, entry: eventBody(1) })).toMatchObject({ exit: 1 });
    const full = Buffer.from(await prove(321));
    expect(await verifyProofFile(full, { ...given, entry: eventBody(1) })).toMatchObject({ exit: 1 });
  });

  it("is taken by the command line, with the entry and the policy as files", async () => {
    const printed: string[] = [];
    const args = [
      await fileOf(await prove(5)),
      "--policy",
      await fileOf(policy),
      "--entry",
      await fileOf(eventBody(5)),
    ];
    expect(await main(args, (text) => printed.push(text))).toBe(0);
    expect(printed.join("")).toContain("entry 5 is in the tree of 600");
  });
});
