import { isIP, isIPv6 } from "node:net";
import { matcher, plainAddress } from "./client-ip.ts";

/** Everything of IPv4 that is not the public internet (IANA special-purpose registry, RFC 6890). */
const notPublic4 = matcher([
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
]);

/** Of IPv6 only global unicast is public, and not the parts of it that wrap or document other addresses. */
const global6 = matcher(["2000::/3"]);
const notPublic6 = matcher(["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"]);

/** Whether an address belongs to the public internet. Anything that is not plainly one does not. */
export function isPublic(text: string): boolean {
  const address = plainAddress(text);
  if (isIP(address) === 0) return false;
  return isIPv6(address) ? global6(address) && !notPublic6(address) : !notPublic4(address);
}
