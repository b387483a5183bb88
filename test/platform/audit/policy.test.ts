import { describe, expect, it } from "vitest";
import { signCheckpoint } from "../../../src/platform/audit/checkpoint.ts";
import { addCosignatures, cosign } from "../../../src/platform/audit/cosignature.ts";
import { COSIGNATURE_V1, ed25519Signer, formatVkey, parseNote } from "../../../src/platform/audit/note.ts";
import {
  formatPolicy,
  meetsQuorum,
  missingWitnesses,
  openCheckpoint,
  parsePolicy,
} from "../../../src/platform/audit/policy.ts";

const log = ed25519Signer("mall.example/log", Buffer.alloc(32, 1));
const witnesses = ["X1", "X2", "X3", "Y1", "Y2", "Y3"].map((name, i) => ({
  name,
  signer: ed25519Signer(`${name}.example`, Buffer.alloc(32, 10 + i), COSIGNATURE_V1),
}));
const lines = witnesses.map(({ name, signer }) => `witness ${name} ${formatVkey(signer.key)}`);
const read = (...text: string[]) => parsePolicy(Buffer.from(`${text.join("\n")}\n`));

describe("a trust policy", () => {
  it("decides the example of C2SP tlog-policy", () => {
    const policy = read(
      `log ${formatVkey(log.key)} https://mall.example/log`,
      "# two organisations",
      "",
      ...lines,
      "\t group  X-witnesses 2 X1 X2 X3 ",
      "group Y-witnesses any Y1 Y2 Y3",
      "group X-and-Y all X-witnesses Y-witnesses",
      "quorum X-and-Y",
    );
    expect(meetsQuorum(policy, new Set(["X1", "X3", "Y2"]))).toBe(true);
    expect(meetsQuorum(policy, new Set(["X1", "Y1", "Y2", "Y3"]))).toBe(false);
    expect(meetsQuorum(policy, new Set(["X1", "X2", "X3"]))).toBe(false);
    expect([...policy.urls.values()]).toEqual(["https://mall.example/log"]);
  });

  it("is refused as a whole when one line is wrong", () => {
    const [x1 = ""] = lines;
    for (const wrong of [
      [x1],
      [x1, "quorum none", "quorum none"],
      [x1, "quorum X2"],
      [x1, x1, "quorum none"],
      [x1, x1.replace("X1 ", "X9 "), "quorum none"],
      [x1, "group g 2 X1", "quorum g"],
      [x1, "group g 0 X1", "quorum g"],
      [x1, "group g any", "quorum none"],
      [x1, "group g any X1 X1", "quorum g"],
      [x1, "group g any X1", "group h any X1", "quorum g"],
      [x1, "group g any none", "quorum g"],
      ["group g any X1", x1, "quorum g"],
      [x1, "group none any X1", "quorum none"],
      [x1, "group X1 any X1", "quorum none"],
      [`log ${formatVkey(log.key)}`, `log ${formatVkey(log.key)}`, "quorum none"],
      [`witness w ${formatVkey(log.key)}`, "quorum none"],
      [x1.replace("witness X1", "log"), "quorum none"],
      ["trust everybody", "quorum none"],
      ["quorum none\r"],
    ])
      expect(() => read(...wrong), wrong.join(" / ")).toThrow();
    expect(() => parsePolicy(Buffer.from("quorum none"))).toThrow(/newline/);
  });

  it("is written so that it reads back", () => {
    const named = witnesses.map(({ name, signer }) => ({
      name,
      key: signer.key,
      url: `https://${name}.example`,
    }));
    const policy = parsePolicy(Buffer.from(formatPolicy([log.key], named, 2)));
    expect(meetsQuorum(policy, new Set(["X1", "Y3"]))).toBe(true);
    expect(meetsQuorum(policy, new Set(["X1"]))).toBe(false);
    expect(parsePolicy(Buffer.from(formatPolicy([log.key], [], 0))).quorum).toBe("none");
    expect(() => formatPolicy([log.key], [], 1)).toThrow();
  });

  it("states a quorum that too few are named for as it is, and nobody can meet it", () => {
    const named = witnesses.slice(0, 1).map(({ name, signer }) => ({ name, key: signer.key }));
    const missing = missingWitnesses(3, named.length);
    const policy = parsePolicy(Buffer.from(formatPolicy([log.key], [...named, ...missing], 3)));
    expect([...policy.witnesses.keys()]).toEqual(["X1", "missing-1", "missing-2"]);
    expect(meetsQuorum(policy, new Set(["X1"]))).toBe(false);
    expect(missingWitnesses(1, 1)).toEqual([]);
    expect(missingWitnesses(0, 1)).toEqual([]);
  });

  it("opens a checkpoint, says who has seen it and when, and whether they are enough", async () => {
    const policy = read(`log ${formatVkey(log.key)}`, ...lines, "group w 2 X1 X2 X3", "quorum w");
    let note = await signCheckpoint({ size: 3, root: Buffer.alloc(32, 5) }, log);
    const { text } = parseNote(Buffer.from(note));
    expect(openCheckpoint(Buffer.from(note), policy)).toMatchObject({ cosignatures: [], quorumMet: false });
    for (const { signer } of witnesses.slice(0, 2))
      note = addCosignatures(note, await cosign(text, signer, 1_000_000), [signer.key]);
    expect(openCheckpoint(Buffer.from(note), policy)).toMatchObject({
      checkpoint: { origin: "mall.example/log", size: 3 },
      cosignatures: [
        { witness: "X1", at: 1_000_000 },
        { witness: "X2", at: 1_000_000 },
      ],
      quorumMet: true,
    });
    expect(() => openCheckpoint(Buffer.from(note), read(...lines, "quorum none"))).toThrow(/no log key/);
  });
});
