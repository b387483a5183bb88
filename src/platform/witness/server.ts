import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Malformed } from "../audit/gatehouse-verify.ts";
import { parseAddCheckpoint } from "./request.ts";
import type { Answer, Witness } from "./witness.ts";

/** A checkpoint with 64 signatures and a proof of 63 hashes is far below this. */
const MAX_REQUEST_BYTES = 65_536;

/**
 * The HTTP side of a witness: `POST /add-checkpoint`, `GET /vkey` for whoever sets up a log, and `POST
 * /latest-checkpoint` with the name of a log, which answers with the newest checkpoint that was cosigned of it.
 */
export function witnessServer(witness: Witness, vkey: string, onError: (error: unknown) => void): Server {
  const server = createServer((request, response) => {
    answer(witness, vkey, request, response).catch((error: unknown) => {
      onError(error);
      send(response, 500, "text/plain", "the witness failed\n");
    });
  });
  server.requestTimeout = 10_000;
  server.headersTimeout = 5_000;
  return server;
}

async function answer(
  witness: Witness,
  vkey: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === "GET" && request.url === "/vkey")
    return send(response, 200, "text/plain", `${vkey}\n`);
  if (request.url !== "/add-checkpoint" && request.url !== "/latest-checkpoint")
    return send(response, 404, "text/plain", "not found\n");
  if (request.method !== "POST") return send(response, 405, "text/plain", "only POST\n");
  const body = await readBody(request);
  if (body === undefined) return send(response, 413, "text/plain", "the request is too long\n");
  if (request.url === "/latest-checkpoint") {
    const note = await witness.latest(body.replace(/\n$/, ""));
    if (note === undefined) return send(response, 404, "text/plain", "nothing was seen of this log\n");
    return send(response, 200, "text/plain; charset=utf-8", note);
  }
  try {
    sendAnswer(response, await witness.add(parseAddCheckpoint(body)));
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    send(response, 400, "text/plain", `${error.message}\n`);
  }
}

function sendAnswer(response: ServerResponse, decided: Answer): void {
  if (decided.status === 200) send(response, 200, "text/plain; charset=utf-8", decided.cosignature);
  else if (decided.status === 409) send(response, 409, "text/x.tlog.size", `${decided.size}\n`);
  else send(response, decided.status, "text/plain; charset=utf-8", `${decided.reason}\n`);
}

function send(response: ServerResponse, status: number, type: string, text: string): void {
  if (response.headersSent) return;
  // The rest of a request that was refused half way is not worth reading.
  const connection = status === 413 ? { connection: "close" } : {};
  response.writeHead(status, { "content-type": type, ...connection }).end(text);
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError("a request came as text");
    size += chunk.length;
    if (size > MAX_REQUEST_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
