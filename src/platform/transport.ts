import { isIPv4 } from "node:net";

/** A host that no packet leaves this machine for. */
export function isLoopback(host: string): boolean {
  return (
    host === "localhost" || host === "[::1]" || host === "::1" || (isIPv4(host) && host.startsWith("127."))
  );
}

/**
 * Whether the database of this address is on this machine. Parameters of the address can name another host than the
 * address does, and the driver follows them; a host that begins with a slash is a socket in the file system.
 */
export function isLocalDatabase(address: string): boolean {
  const url = new URL(address);
  const host = decodeURIComponent(url.searchParams.getAll("host").at(-1) || url.hostname);
  return isLoopback(host) || host.startsWith("/");
}

/**
 * Whether the driver will ask the server of this address for a certificate of exactly that host. `sslmode=require` is
 * not enough: what it checks has changed between versions of drivers, and libpq never looks at the name.
 */
export function isVerifiedDatabase(address: string): boolean {
  return new URL(address).searchParams.getAll("sslmode").at(-1) === "verify-full";
}

/**
 * What we ask of whoever we speak TLS to (ASVS 12.1.1, 12.1.2, 12.3.2): 1.2 or later, forward secrecy and authenticated
 * encryption, a certificate that holds. Said at each connection, so that no variable of the environment says otherwise.
 */
export const TLS_FLOOR = {
  minVersion: "TLSv1.2",
  rejectUnauthorized: true,
  ciphers: [
    "TLS_AES_256_GCM_SHA384",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_AES_128_GCM_SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-CHACHA20-POLY1305",
    "ECDHE-RSA-CHACHA20-POLY1305",
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
  ].join(":"),
} as const;
