// A console that does nothing but hold its database: opened in a process of its own, so that tests can kill it.
// Arguments: data directory, "console" or "cli". Prints one line of JSON when it is open, another when it stops.
import { openEmbedded } from "../../../src/platform/database/embedded.ts";

const [dataDir = "", use = "console"] = process.argv.slice(2);
const say = (line: Record<string, unknown>) => process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const server = await openEmbedded({
    dataDir,
    durable: false, // a killed process loses nothing by that, only a pulled plug would
    use: use === "cli" ? "cli" : "console",
    onLost: (error) => say({ lost: error.name }),
  });
  const alive = setInterval(() => {}, 60_000);
  // Before the first word: whoever hears it may stop us at once.
  process.once("SIGTERM", () => {
    clearInterval(alive);
    void server.stop().then(() => say({ stopped: true }));
  });
  say({ port: server.port, password: server.password });
} catch (error) {
  say({ refused: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
}
