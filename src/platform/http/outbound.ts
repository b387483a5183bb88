import { lookup } from "node:dns/promises";
import { request as httpRequest } from "node:http";
import { type RequestOptions as HttpsOptions, request as httpsRequest } from "node:https";
import { isIP, isIPv6, type LookupFunction } from "node:net";
import { Refusal } from "../../door/refusal.ts";
import type { Log } from "../log.ts";
import { TLS_FLOOR } from "../transport.ts";
import { isPublic } from "./addresses.ts";

/** A place that the console may talk to. */
export interface Destination {
  /** `https://api.example.com`, `http://10.0.3.7:9000`: scheme, host and port, nothing else. */
  origin: string;
  /** On premises: its address may be private. Said for exactly this host and port. */
  private: boolean;
}

export interface OutboundRequest {
  method: "GET" | "POST" | "PUT";
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
}

export interface OutboundResponse {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
}

export type Outbound = (request: OutboundRequest) => Promise<OutboundResponse>;
export type Resolve = (host: string) => Promise<string[]>;

export interface OutboundOptions {
  destinations: readonly Destination[];
  log: Log;
  /** Gives the addresses of a host name. */
  resolve?: Resolve;
  /** Milliseconds for the whole exchange. */
  timeout?: number;
  /** Most bytes of an answer. */
  limit?: number;
}

const systemResolve: Resolve = async (host) =>
  (await lookup(host, { all: true })).map(({ address }) => address);

/**
 * The one way out (ASVS 1.3.6, 13.2.4, 15.3.2): to a listed origin only; its name is resolved once and the connection
 * goes to the very address that was judged, so a second answer of the name server changes nothing; no redirect is
 * followed; 5 s and 100 KB are the end. Refuses `denied` for a place that is not allowed and `unavailable` for one
 * that does not answer properly.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  const { destinations, log, resolve = systemResolve, timeout = 5000, limit = 100 * 1024 } = options;
  const allowed = new Map(destinations.map((destination) => [destination.origin, destination]));
  return async (request) => {
    const url = URL.parse(request.url);
    const destination = url === null ? undefined : allowed.get(url.origin);
    if (url === null || destination === undefined || url.username !== "" || url.password !== "") {
      log.warn("outbound_refused", { code: "destination", host: url?.host });
      throw new Refusal("denied", "outbound_destination");
    }
    const signal = AbortSignal.timeout(timeout);
    try {
      const address = await before(signal, judged(url, destination, resolve));
      return await exchange(url, address, request, { signal, limit });
    } catch (cause) {
      log.warn("outbound_refused", {
        code: cause instanceof Refusal ? cause.code : "failed",
        host: url.host,
        error: cause,
      });
      if (cause instanceof Refusal) throw cause;
      throw new Refusal("unavailable", "outbound_failed", { cause });
    }
  };
}

/** The address to connect to. One that is not public among several refuses the name as a whole. */
async function judged(url: URL, destination: Destination, resolve: Resolve): Promise<string> {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = isIP(host) === 0 ? await resolve(host) : [host];
  const [first] = addresses;
  if (first === undefined) throw new Refusal("unavailable", "outbound_failed");
  if (!destination.private && !addresses.every(isPublic)) throw new Refusal("denied", "outbound_private");
  return first;
}

/** Name servers take their time and cannot be told to stop. */
function before<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, fail) => {
    signal.addEventListener("abort", () => fail(new Error("the answer took too long")));
  });
  return Promise.race([work, late]);
}

function exchange(
  url: URL,
  address: string,
  { method, headers, body }: OutboundRequest,
  { signal, limit }: { signal: AbortSignal; limit: number },
): Promise<OutboundResponse> {
  const family = isIPv6(address) ? 6 : 4;
  const fixed: LookupFunction = (_host, wanted, found) =>
    wanted.all === true ? found(null, [{ address, family }]) : found(null, address, family);
  const options: HttpsOptions = {
    method,
    headers: { ...headers },
    signal,
    lookup: fixed,
    agent: false,
    ...TLS_FLOOR,
  };
  return new Promise((settle, fail) => {
    const send = url.protocol === "https:" ? httpsRequest : httpRequest;
    const outgoing = send(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on("data", (chunk: Buffer) => {
        size += chunk.length;
        if (size > limit) incoming.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      incoming.on("error", fail);
      incoming.on("end", () =>
        settle({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    outgoing.on("error", fail);
    outgoing.end(body);
  });
}
