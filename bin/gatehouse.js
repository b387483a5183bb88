#!/usr/bin/env node
import { existsSync } from "node:fs";
import { spawnSync } from "node:child_process";

const entry = new URL("../dist/src/cli.js", import.meta.url);
if (!existsSync(entry)) {
  // a checkout that was never built; npm ci builds by itself
  const built = spawnSync("npm", ["run", "--silent", "build"], {
    cwd: new URL("..", import.meta.url),
    stdio: ["ignore", 2, 2],
  });
  if (built.status !== 0) process.exit(3);
}
const { main } = await import(entry.href);
process.exitCode = await main(process.argv.slice(2));
