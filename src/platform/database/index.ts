export { ensureDataDir } from "./data-dir.ts";
export { appliedMigrations, MigrationRefused } from "./migrate.ts";
export { type DatabaseChoice, type OpenDatabase, openDatabase, type OpenOptions } from "./open.ts";
export { openJobsPool, openReadPool, openSequencerPool, openWritePool, type PoolOptions } from "./pools.ts";
export { DataDirectoryTaken, type Use } from "./presence.ts";
export { type DatabaseRole, databaseRoles, type PasswordOf } from "./roles.ts";
