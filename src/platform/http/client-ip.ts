import type { Context } from "hono";
import { createMiddleware } from "hono/factory";
import { BlockList, isIP, isIPv6 } from "node:net";
import type { HttpEnv } from "./env.ts";

/** Hops that are looked at from the right; nobody has that many proxies. */
const MOST_HOPS = 20;

/**
 * The client's address, for throttles and the log. `X-Forwarded-For` and `X-Forwarded-Proto` count only when the peer
 * is a trusted proxy, and then the rightmost hop that is not one (ASVS 4.1.3): what stands left of it anybody can write.
 * `trusted` are addresses and CIDR blocks.
 */
export function clientIp(trusted: readonly string[], peerOf: (c: Context<HttpEnv>) => string = socketPeer) {
  const isTrusted = matcher(trusted);
  return createMiddleware<HttpEnv>(async (c, next) => {
    const peer = plainAddress(peerOf(c));
    const behindProxy = isTrusted(peer);
    c.set("ip", behindProxy ? rightmostUntrusted(c.req.header("x-forwarded-for"), peer, isTrusted) : peer);
    const scheme = lastOf(c.req.header("x-forwarded-proto"));
    c.set("encrypted", behindProxy && scheme !== undefined ? scheme === "https" : undefined);
    await next();
  });
}

/** The other end of the connection; `0.0.0.0` without one, as in a test that calls the application. */
export function socketPeer(c: Context<HttpEnv>): string {
  return c.env?.incoming?.socket.remoteAddress ?? "0.0.0.0";
}

function rightmostUntrusted(
  header: string | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  let client = peer;
  const hops = (header ?? "").split(",").slice(-MOST_HOPS).toReversed();
  for (const hop of hops) {
    const address = plainAddress(hop.trim());
    if (isIP(address) === 0) return client;
    client = address;
    if (!isTrusted(address)) return client;
  }
  return client;
}

/** Without brackets, port, zone, or the IPv4-mapped prefix, so that one client has one spelling. */
export function plainAddress(text: string): string {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;
  const unzoned = bare.split("%")[0] ?? bare;
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(unzoned)?.[1] ?? unzoned;
}

/** Whether an address is one of these addresses and CIDR blocks. */
export function matcher(networks: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return (address) => isIP(address) !== 0 && list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}

function lastOf(header: string | undefined): string | undefined {
  return header?.split(",").at(-1)?.trim().toLowerCase();
}
