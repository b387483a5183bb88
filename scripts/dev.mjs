// Compiles on every change, and starts the console anew on every compilation. Data lies in var/, as with `npm start`.
import { spawn } from "node:child_process";

const env = { ...process.env, PATH: `${process.cwd()}/node_modules/.bin:${process.env.PATH}` };
const children = [
  spawn("tsc", ["-p", "tsconfig.json", "--watch", "--preserveWatchOutput"], { stdio: "inherit", env }),
  spawn(
    "node",
    ["--disable-proto=throw", "--watch-path=dist/src", "--watch-path=dist/views", "dist/src/main.js"],
    { stdio: "inherit", env },
  ),
];
for (const signal of ["SIGINT", "SIGTERM"])
  process.on(signal, () => children.forEach((child) => child.kill(signal)));
