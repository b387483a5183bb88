import { readFile, writeFile } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { openExport } from "../mall/members/index.ts";
import { type Verb, word } from "./verb.ts";

export const memberVerbs: readonly Verb[] = [
  {
    name: "members decrypt",
    words: "FILE",
    summary: "Opens an exported member file with its passphrase. Needs no database.",
    options: { out: { type: "string" } },
    async run(work) {
      const text = await readFile(word(work, 0, "the file"), "utf8");
      const prompt = createInterface({ input: process.stdin, output: process.stderr });
      const passphrase = (await prompt.question("Passphrase: ")).trim();
      prompt.close();
      const plain = openExport(text, passphrase);
      if (plain === null) {
        work.say("Wrong passphrase, or not an export of this console.");
        work.answer({ opened: false });
        return 1;
      }
      const out = work.options["out"];
      if (typeof out === "string") await writeFile(out, plain, { flag: "wx", mode: 0o600 });
      else work.say(plain.toString("utf8"));
      work.answer({ opened: true });
      return 0;
    },
  },
];
