import { readFileSync } from "node:fs";
import { createConnection, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { TLS_FLOOR } from "../../transport.ts";
import type { SyslogAddress } from "./address.ts";

export interface SinkConnection {
  /** Resolves when the system has taken all of it; a receiver that does not read is given `timeoutMs`, then this fails. */
  send(bytes: Buffer): Promise<void>;
  /**
   * Says that this was all, and resolves when the other side has said the same: it has then read everything. Fails when
   * it does not within `timeoutMs`, or when the connection broke before.
   */
  finish(): Promise<void>;
  close(): void;
}

/**
 * Connects to a syslog server. Fails when it does not answer within `timeoutMs`, and, under TLS, when its certificate does
 * not hold. `signal` ends it at any time.
 */
export async function connectSink(
  address: SyslogAddress,
  { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
): Promise<SinkConnection> {
  const socket = address.tls ? connectSecure(address) : createConnection(address.port, address.host);
  let failure: Error | undefined;
  socket.on("error", (error) => (failure ??= error));
  socket.on("close", () => (failure ??= new Error("the connection was closed")));
  let finishing = false;
  // a server of syslog says nothing; one that hangs up before we do will not read on
  socket.on("end", () => {
    if (!finishing) socket.destroy(new Error("the syslog server hung up"));
  });
  socket.resume();
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop, { once: true });
  socket.once("close", () => signal.removeEventListener("abort", stop));
  const settled = async (what: (done: (error?: Error | null) => void) => void) =>
    await new Promise<void>((resolve, reject) => {
      const end = (error?: Error | null) => {
        clearTimeout(patience);
        socket.off("close", closed);
        if (error) {
          socket.destroy();
          reject(error);
        } else resolve();
      };
      const closed = () => end(failure ?? new Error("the connection was closed"));
      const patience = setTimeout(() => end(timedOut()), timeoutMs);
      socket.once("close", closed);
      what(end);
    });
  await settled((done) => socket.once(address.tls ? "secureConnect" : "connect", () => done()));
  return {
    send: async (bytes) => {
      if (failure !== undefined) throw failure;
      await settled((done) => socket.write(bytes, done));
    },
    async finish() {
      if (failure !== undefined) throw failure;
      await settled((done) => {
        finishing = true;
        socket.once("end", () => done());
        socket.end();
      });
    },
    close: () => socket.destroy(),
  };
}

function connectSecure({ host, port, ca }: SyslogAddress): Socket {
  return connectTls({
    ...TLS_FLOOR,
    host,
    port,
    // the name that the certificate is held against; an address has none
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(ca === undefined ? {} : { ca: readFileSync(ca) }),
  });
}

function timedOut(): Error {
  return Object.assign(new Error("the syslog server took too long"), { code: "ETIMEDOUT" });
}
