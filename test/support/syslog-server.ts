import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { setTimeout as delay } from "node:timers/promises";
import type { SelfSigned } from "./certificate.ts";

/** A message as a receiver takes it apart. */
export interface Received {
  priority: number;
  at: string;
  app: string;
  action: string;
  sequence: number;
  body: Buffer;
}

export interface SyslogServer {
  readonly port: number;
  /** Everything of whole frames, over all connections, in the order of their arrival. */
  readonly received: Received[];
  /** Connections so far. */
  readonly connections: number;
  /** Waits until so many different entries have come. */
  has(entries: number): Promise<void>;
  close(): Promise<void>;
}

export interface SyslogServerOptions {
  port?: number;
  tls?: SelfSigned;
  /** Takes connections and never reads from them. */
  deaf?: boolean;
  /** After so many entries the first connection is cut off, then the second, and so on; later ones stay. */
  cuts?: readonly number[];
}

/** The machine may have other things to do. */
const PATIENCE_MS = 30_000;

/** A syslog server on this machine that counts octets (RFC 6587) and keeps what it gets. */
export async function syslogServer({
  port = 0,
  tls,
  deaf = false,
  cuts = [],
}: SyslogServerOptions = {}): Promise<SyslogServer> {
  const received: Received[] = [];
  const open = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket) => {
    connections += 1;
    open.add(socket);
    socket.on("close", () => open.delete(socket)).on("error", () => {});
    if (deaf) socket.pause();
    else reading(socket, received, cuts[connections - 1]);
  };
  const server: Server =
    tls === undefined ? createServer({ pauseOnConnect: deaf }, take) : createTlsServer(tls, take);
  server.listen(port, "localhost");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    port: address.port,
    received,
    get connections() {
      return connections;
    },
    async has(entries) {
      const different = () => new Set(received.map(({ sequence }) => sequence)).size;
      const until = performance.now() + PATIENCE_MS;
      while (different() < entries) {
        if (performance.now() > until) throw new Error(`${different()} of ${entries} entries came`);
        await delay(20);
      }
    },
    async close() {
      for (const socket of open) socket.destroy();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}

/** Takes the frames of a connection apart; what is no frame of ours is an error of the test. */
function reading(socket: Socket, received: Received[], most = Infinity): void {
  let taken = 0;
  let rest = Buffer.alloc(0);
  let waiting: Buffer[] = [];
  let missing = 0;
  socket.on("data", (chunk: Buffer) => {
    // joined when a frame can be whole: a long one comes in many pieces
    waiting.push(chunk);
    missing -= chunk.length;
    if (missing > 0) return;
    rest = Buffer.concat([rest, ...waiting]);
    waiting = [];
    for (;;) {
      const space = rest.indexOf(" ");
      if (space < 0) return;
      const length = Number(rest.toString("latin1", 0, space));
      if (!Number.isInteger(length)) throw new Error("a frame without its length");
      missing = space + 1 + length - rest.length;
      if (missing > 0) return;
      received.push(parsed(rest.subarray(space + 1, space + 1 + length)));
      rest = rest.subarray(space + 1 + length);
      taken += 1;
      if (taken < most) continue;
      socket.resetAndDestroy(); // one that closed as if it had read on would be lying
      return;
    }
  });
}

const HEAD =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z) [\x21-\x7e]{1,255} (\S+) - ([\x21-\x7e]{1,32}) \[meta sequenceId="(\d+)"\] \xef\xbb\xbf/;

function parsed(message: Buffer): Received {
  const found = HEAD.exec(message.toString("latin1"));
  if (found === null) throw new Error(`not RFC 5424: ${message.toString("latin1", 0, 200)}`);
  const [head, priority, at = "", app = "", action = "", sequence] = found;
  return {
    priority: Number(priority),
    at,
    app,
    action,
    sequence: Number(sequence),
    body: Buffer.from(message.subarray(head.length)),
  };
}
