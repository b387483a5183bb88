// Puts the style sheets, scripts and pictures beside the compiled views. They are joined and fingerprinted at start,
// by the same code that tests use (src/platform/assets.ts), so there is nothing to build here.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";

const from = fileURLToPath(new URL("../views/assets/", import.meta.url));
const to = fileURLToPath(new URL("../dist/views/assets/", import.meta.url));

rmSync(to, { recursive: true, force: true });
cpSync(from, to, { recursive: true });
