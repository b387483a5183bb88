import { cosign } from "../../src/platform/audit/cosignature.ts";
import { parseCheckpoint } from "../../src/platform/audit/checkpoint.ts";
import { type TreeHead, verifyConsistency } from "../../src/platform/audit/merkle.ts";
import { COSIGNATURE_V1, ed25519Signer, formatVkey, parseNote } from "../../src/platform/audit/note.ts";
import { parseWitnesses, type Post, type WitnessAddress } from "../../src/platform/audit/witnessing.ts";

/** A witness in memory, as strict as C2SP tlog-witness asks: right old size, valid proof, then a cosignature. */
export interface FakeWitness {
  readonly address: WitnessAddress;
  readonly post: Post;
  readonly seen: Map<string, TreeHead>;
  /** While true nothing is answered. */
  down: boolean;
}

export function fakeWitness(name = "witness.example"): FakeWitness {
  const signer = ed25519Signer(name, Buffer.alloc(32, 9), COSIGNATURE_V1);
  const [address] = parseWitnesses(`http://127.0.0.1:1 ${formatVkey(signer.key)}`);
  if (address === undefined) throw new Error("one witness was given");
  const seen = new Map<string, TreeHead>();
  const notes = new Map<string, string>();
  const witness: FakeWitness = {
    address,
    seen,
    down: false,
    async post(url, body) {
      if (witness.down) throw new Error("connection refused");
      if (url.endsWith("/latest-checkpoint")) {
        const latest = notes.get(body.trimEnd());
        if (latest === undefined) return { status: 404, text: "" };
        const line = await cosign(parseNote(Buffer.from(latest)).text, signer, new Date().getTime());
        return { status: 200, text: latest + line };
      }
      const split = body.indexOf("\n\n");
      const [old = "", ...proof] = body.slice(0, split).split("\n");
      const note = body.slice(split + 2);
      const { text } = parseNote(Buffer.from(note));
      const head = parseCheckpoint(text);
      const known = seen.get(head.origin) ?? { size: 0, root: Buffer.alloc(0) };
      const oldSize = Number(old.slice("old ".length));
      if (oldSize > head.size) return { status: 400, text: "" };
      if (oldSize !== known.size) return { status: 409, text: `${known.size}\n` };
      const hashes = proof.map((line) => Buffer.from(line, "base64"));
      const isGrown = known.size === 0 ? hashes.length === 0 : verifyConsistency(known, head, hashes);
      if (!isGrown)
        return known.size === head.size
          ? { status: 409, text: `${known.size}\n` }
          : { status: 422, text: "" };
      seen.set(head.origin, head);
      notes.set(head.origin, note);
      return { status: 200, text: await cosign(text, signer, new Date().getTime()) };
    },
  };
  return witness;
}
