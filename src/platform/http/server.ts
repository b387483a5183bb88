import { getRequestListener } from "@hono/node-server";
import { once } from "node:events";
import { createServer } from "node:http";
import type { HttpApp } from "./app.ts";

export interface Listening {
  host: string;
  port: number;
  /** `http://…`, for the person who started the console. */
  url: string;
  /** Takes no more connections, lets running requests finish, and after the grace period ends them. */
  close(): Promise<void>;
}

/** Milliseconds for running requests at a stop. */
const GRACE = 10_000;

/**
 * Listens. Port 0 is any free one. Refuses what is ambiguous or of no use before it reaches the application: a body
 * of two lengths (400, by node's parser), TRACE and CONNECT (405), headers that are too slow or too long.
 */
export async function listen(
  { app, end }: HttpApp,
  where: { host: string; port: number },
  grace = GRACE,
): Promise<Listening> {
  const answer = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: 15_000,
      // an upload of the largest file over a slow line
      requestTimeout: 300_000,
      keepAliveTimeout: 10_000,
      connectionsCheckingInterval: 5000,
      maxHeaderSize: 16 * 1024,
      requireHostHeader: true,
      insecureHTTPParser: false,
    },
    (incoming, outgoing) => {
      if (incoming.method === "TRACE") {
        outgoing
          .writeHead(405, { Allow: "GET, HEAD, POST", "Content-Length": "0", Connection: "close" })
          .end();
        return;
      }
      void answer(incoming, outgoing);
    },
  );
  server.maxHeadersCount = 100;
  server.maxRequestsPerSocket = 1000;
  server.on("connect", (_request, socket) => socket.end(refusal("405 Method Not Allowed")));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable || error.code === "ECONNRESET") {
      socket.destroy();
      return;
    }
    const tooLong = error.code === "HPE_HEADER_OVERFLOW";
    socket.end(refusal(tooLong ? "431 Request Header Fields Too Large" : "400 Bad Request"));
  });

  server.listen(where.port, where.host);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  const { port } = address;
  const name = where.host.includes(":") ? `[${where.host}]` : where.host;
  return {
    host: where.host,
    port,
    url: `http://${name}:${port}`,
    async close() {
      const closed = once(server, "close");
      server.close();
      end();
      // a connection whose last request has just finished is idle, and would stay for its keep-alive
      const sweep = setInterval(() => server.closeIdleConnections(), 50);
      const last = setTimeout(() => server.closeAllConnections(), grace);
      await closed;
      clearInterval(sweep);
      clearTimeout(last);
    },
  };
}

function refusal(status: string): string {
  return `HTTP/1.1 ${status}\r\nContent-Length: 0\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n`;
}
