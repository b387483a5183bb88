import { isLoopback } from "../../transport.ts";

/** Where the log is sent on: a syslog server that takes TCP or TLS (RFC 6587, RFC 5425). */
export interface SyslogAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** Path of the authority's certificates, PEM; the system's own without it. */
  readonly ca: string | undefined;
}

/**
 * Reads the setting `AUDIT_SYSLOG_URL`: `tls://siem.example:6514`, with `?ca=/path` for an authority of one's own, or
 * `tcp://127.0.0.1:601`. The ports are those of the standards where none is named. Gives null for anything else.
 */
export function parseSyslogUrl(setting: string): SyslogAddress | null {
  const url = URL.parse(setting);
  if (url === null || !/^(tls|tcp):$/.test(url.protocol) || url.hostname === "") return null;
  if (url.username !== "" || url.password !== "" || !/^\/?$/.test(url.pathname) || url.hash !== "")
    return null;
  const { ca, ...unknown } = Object.fromEntries(url.searchParams);
  const tls = url.protocol === "tls:";
  if (Object.keys(unknown).length > 0 || (ca !== undefined && !tls)) return null;
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: Number(url.port) || (tls ? 6514 : 601),
    tls,
    ca,
  };
}

/** Whether what is sent there can be read or changed on the way to another machine. */
export const isInTheOpen = ({ tls, host }: SyslogAddress): boolean => !tls && !isLoopback(host);
