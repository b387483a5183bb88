/** What of an entry a message needs beside its bytes. */
export interface SinkEntry {
  readonly idx: number;
  readonly at: Date;
  readonly severity: number;
  readonly action: string;
  /** The exact bytes of the event. */
  readonly body: Buffer;
}

/** "log audit" (RFC 5424, table 1). */
const FACILITY = 13;
/** Ours from 0 to 5, as syslog counts: informational, notice, warning, error, critical. */
const severities = [6, 6, 5, 4, 3, 2];
const LARGEST_SEQUENCE = 2_147_483_647;
/** Says that the message is UTF-8 (RFC 5424, 6.4). */
const BOM = Buffer.from("\uFEFF");

/**
 * An entry as an RFC 5424 message with octet counting before it (RFC 6587, 3.4.1; RFC 5425, 4.3). The message is the
 * event's bytes as they are, so that whoever keeps them can prove them; `sequenceId` is the index and one.
 */
export function syslogFrame(entry: SinkEntry, host: string): Buffer {
  const priority = FACILITY * 8 + (severities[entry.severity] ?? 2);
  const sequence = (entry.idx % LARGEST_SEQUENCE) + 1;
  const head =
    `<${priority}>1 ${entry.at.toISOString()} ${word(host, 255)} gatehouse - ${word(entry.action, 32)} ` +
    `[meta sequenceId="${sequence}"] `;
  const message = Buffer.concat([Buffer.from(head), BOM, entry.body]);
  return Buffer.concat([Buffer.from(`${message.length} `), message]);
}

/** Printable ASCII of limited length; a dash for nothing. */
function word(text: string, most: number): string {
  return text.replaceAll(/[^\x21-\x7e]/g, "").slice(0, most) || "-";
}
