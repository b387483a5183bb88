import { isIPv6 } from "node:net";

/** What the throttle counts as one address: an IPv4 address, or the /64 that one IPv6 subscriber has all of. */
export function addressGroup(ip: string): string {
  if (!isIPv6(ip)) return ip;
  const bare = ip.split("%")[0] ?? ip;
  if (bare.includes(".")) return bare.slice(bare.lastIndexOf(":") + 1);
  const [head = "", tail = ""] = bare.split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === "" ? [] : tail.split(":");
  const zeros = bare.includes("::") ? Array.from({ length: 8 - left.length - right.length }, () => "0") : [];
  const prefix = [...left, ...zeros, ...right].slice(0, 4);
  return `${prefix.map((part) => Number.parseInt(part, 16).toString(16)).join(":")}::/64`;
}

const browsers = [
  ["Edg", "Edge"],
  ["OPR", "Opera"],
  ["MicroMessenger", "WeChat"],
  ["Firefox", "Firefox"],
  ["Chrome", "Chrome"],
  ["Safari", "Safari"],
] as const;
const systems = [
  ["Windows", "Windows"],
  ["iPhone", "iPhone"],
  ["iPad", "iPad"],
  ["Android", "Android"],
  ["Mac OS", "macOS"],
  ["Linux", "Linux"],
] as const;

/** A user agent as a person knows it: "Chrome · Windows". Only for recognising; it proves nothing. */
export function agentName(userAgent: string | undefined): string {
  const find = (list: readonly (readonly [string, string])[]) =>
    list.find(([mark]) => userAgent?.includes(mark))?.[1];
  return [find(browsers), find(systems)].filter((part) => part !== undefined).join(" · ") || "?";
}
