/** What differs between one embedded server and another. */
export interface ServerSettings {
  readonly port: number;
  /** `false` trades safety at a power cut, and at that only, for speed: for throw-away servers of tests. */
  readonly durable: boolean;
}

/**
 * The whole `postgresql.conf`. It is written anew before every start, so that a new version of the program
 * brings its settings along. Sized for a small machine that also runs the console.
 */
export function renderSettings({ port, durable }: ServerSettings): string {
  const settings: Record<string, string | number> = {
    // TCP on loopback only: a socket path inside a deep data directory would be too long for the kernel.
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 80,
    password_encryption: "scram-sha-256",
    shared_buffers: "128MB",
    work_mem: "8MB",
    // Nothing of ours sorts that much; a query that does must not fill the disk.
    temp_file_limit: "2GB",
    maintenance_work_mem: "64MB",
    // The data is in memory or on an SSD: a rare value that lies far back is still found by its own index.
    random_page_cost: "1.1",
    effective_cache_size: "512MB",
    // Short statements by the thousand: compiling them costs more than it saves.
    jit: "off",
    // Backups and point-in-time recovery need the full log.
    wal_level: "replica",
    wal_compression: "on",
    max_wal_size: "1GB",
    checkpoint_timeout: "15min",
    synchronous_commit: "on",
    fsync: durable ? "on" : "off",
    full_page_writes: durable ? "on" : "off",
    timezone: "UTC",
    log_timezone: "UTC",
    datestyle: "ISO, YMD",
    lc_messages: "C",
    // A week of files, each overwritten a week later.
    logging_collector: "on",
    log_directory: "log",
    log_filename: "postgresql-%a.log",
    log_truncate_on_rotation: "on",
    log_rotation_age: "1d",
    log_rotation_size: 0,
    log_file_mode: "0600",
    // The server's log must not carry personal data: no statements, no parameters, and no DETAIL lines,
    // which quote the row that broke a constraint.
    log_statement: "none",
    log_min_error_statement: "panic",
    log_error_verbosity: "terse",
    log_parameter_max_length: 0,
    log_parameter_max_length_on_error: 0,
    log_min_duration_statement: -1,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'`);
  return ["# Written by Gatehouse before every start; changes here are lost.", ...lines, ""].join("\n");
}
