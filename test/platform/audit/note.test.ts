import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCheckpoint, readCheckpoint, signCheckpoint } from "../../../src/platform/audit/checkpoint.ts";
import { addCosignatures, cosign } from "../../../src/platform/audit/cosignature.ts";
import {
  COSIGNATURE_V1,
  ed25519Signer,
  formatVkey,
  openNote,
  parseNote,
  parseVkey,
  signNote,
} from "../../../src/platform/audit/note.ts";

// The examples of golang.org/x/mod/sumdb/note, from which C2SP signed-note comes.
const peter = {
  seed: Buffer.from("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz", "base64").subarray(1),
  vkey: "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  text: "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n",
  line: "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
};

const log = ed25519Signer("mall.example/log", Buffer.alloc(32, 1));
const witness = ed25519Signer("witness.example/w1", Buffer.alloc(32, 2), COSIGNATURE_V1);
const head = { size: 7, root: Buffer.alloc(32, 9) };

describe("signed notes", () => {
  it("agree with the example of the Go checksum database", async () => {
    const key = parseVkey(peter.vkey);
    expect(formatVkey(key)).toBe(peter.vkey);
    const note = `${peter.text}\n${peter.line}`;
    expect(openNote(parseNote(Buffer.from(note)), [key])).toEqual([{ key }]);
    const signer = ed25519Signer("PeterNeumann", peter.seed);
    expect(formatVkey(signer.key)).toBe(peter.vkey);
    expect(await signNote(peter.text, signer)).toBe(note);
  });

  it("ignore signatures of unknown keys, and are condemned by a bad one of a known key", async () => {
    const note = await signNote("text\n", log);
    const stranger = ed25519Signer("mall.example/log", Buffer.alloc(32, 3));
    expect(openNote(parseNote(Buffer.from(note)), [stranger.key])).toEqual([]);
    const both = Buffer.from(note + (await signNote("text\n", stranger)).slice("text\n\n".length));
    expect(openNote(parseNote(both), [log.key])).toHaveLength(1);
    const forged = Buffer.from(note.replace("text", "tent") + both.toString().slice(note.length));
    expect(() => openNote(parseNote(forged), [log.key, stranger.key])).toThrow(/does not hold/);
  });

  it("do not open after any single byte was changed", async () => {
    const note = Buffer.from(await signCheckpoint(head, log));
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const touched = Buffer.from(note);
        touched.writeUInt8(touched.readUInt8(at) ^ change, at);
        expect(() => readCheckpoint(touched, log.key)).toThrow();
      }),
      { numRuns: 2_000 },
    );
  });

  it("are refused in any other spelling", () => {
    const note = `${peter.text}\n${peter.line}`;
    const spellings = [
      note.slice(0, -1),
      note.replace("\n\n", "\n"),
      note.replaceAll("\n", "\r\n"),
      note.replace("— Peter", "- Peter"),
      note.replace("BwJnAM=", "BwJnAN="),
      note.replace("PeterNeumann x08", "PeterNeumann  x08"),
      `${note}\n`,
      "\ufeff",
      "",
    ];
    for (const spelling of spellings) expect(() => parseNote(Buffer.from(spelling))).toThrow();
    expect(() => parseNote(Buffer.from([0xff, 0x0a]))).toThrow(/UTF-8/);
  });

  it("refuse keys whose id, name, type or length is wrong", () => {
    for (const vkey of [
      peter.vkey.replace("c74f20a3", "c74f20a4"),
      peter.vkey.replace("Peter", "Petra"),
      peter.vkey.replace("PeterNeumann", "Peter Neumann"),
      peter.vkey.slice(0, -4),
      "",
      "a+b+c",
    ])
      expect(() => parseVkey(vkey)).toThrow();
  });
});

describe("checkpoints", () => {
  it("are read back, and only believed of the log whose name they bear", async () => {
    const note = await signCheckpoint(head, log);
    expect(readCheckpoint(Buffer.from(note), log.key)).toEqual({
      origin: "mall.example/log",
      ...head,
      extensions: [],
    });
    const borrowed = await signNote(formatCheckpoint("other.example/log", head), log);
    expect(() => readCheckpoint(Buffer.from(borrowed), log.key)).toThrow(/not signed by/);
  });

  it("are refused when a line is not of its form", async () => {
    const root = head.root.toString("base64");
    for (const text of [
      `o\n07\n${root}\n`,
      `o\n-7\n${root}\n`,
      `o\n7\n${root.slice(4)}\n`,
      `o\n7\n`,
      `\n7\n${root}\n`,
      `o\n9007199254740993\n${root}\n`,
    ]) {
      const note = Buffer.from(await signNote(text, ed25519Signer("o", Buffer.alloc(32, 1))));
      expect(() => readCheckpoint(note, ed25519Signer("o", Buffer.alloc(32, 1)).key)).toThrow();
    }
    expect(() => formatCheckpoint("two\nlines", head)).toThrow();
  });
});

describe("cosignatures", () => {
  const at = Date.UTC(2026, 10, 22, 17, 30, 5, 678);

  it("state the time at which a witness saw the checkpoint, in seconds", async () => {
    const note = await signCheckpoint(head, log);
    const line = await cosign(parseNote(Buffer.from(note)).text, witness, at);
    const witnessed = addCosignatures(note, line, [witness.key]);
    expect(openNote(parseNote(Buffer.from(witnessed)), [log.key, witness.key])).toEqual([
      { key: log.key },
      { key: witness.key, at: Date.UTC(2026, 10, 22, 17, 30, 5) },
    ]);
    expect(addCosignatures(witnessed, line, [witness.key])).toBe(witnessed);
  });

  it("are not taken from unknown witnesses, nor for another checkpoint", async () => {
    const note = await signCheckpoint(head, log);
    const line = await cosign(parseNote(Buffer.from(note)).text, witness, at);
    expect(addCosignatures(note, line, [log.key])).toBe(note);
    const other = await signCheckpoint({ ...head, size: 8 }, log);
    expect(() => addCosignatures(other, line, [witness.key])).toThrow(/does not hold/);
  });

  it("are made by keys that do nothing else, and such keys make nothing else", async () => {
    await expect(cosign("text\n", log, at)).rejects.toThrow(RangeError);
    await expect(signNote("text\n", witness)).rejects.toThrow(RangeError);
  });
});
