// Generated from the migrated database by `npm run schema`. Do not edit.
import type { ColumnType } from "kysely";

/** Takes a number too, as long as that is exact. */
type Int8 = ColumnType<bigint, bigint | number, bigint | number>;
/** Written as JSON text: the driver would take an array for an array of PostgreSQL. */
type Jsonb = ColumnType<unknown, string, string>;
type Generated<T> = T extends ColumnType<infer S, infer I, infer U> ? ColumnType<S, I | undefined, U> : ColumnType<T, T | undefined, T>;

export interface AccessActivity {
  handle: string;
  last_seen_at: Date;
}

export interface AccessBreakGlass {
  id: string;
  person_id: string;
  reason: string;
  opened_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  review_due_at: Date;
  reviewed_at: Date | null;
  reviewed_by: string | null;
  review_outcome: "justified" | "not_justified" | null;
  review_note: string | null;
  version: Generated<number>;
}

export interface AccessDevice {
  id: string;
  person_id: string;
  token_hash: Buffer;
  agent: string;
  first_seen_at: Date;
  expires_at: Date;
  ended_at: Date | null;
}

export interface AccessLink {
  id: string;
  kind: "setup" | "invite" | "reset";
  person_id: string | null;
  token_hash: Buffer;
  created_by: string;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
  revoked_at: Date | null;
}

export interface AccessNotice {
  id: string;
  person_id: string;
  kind: string;
  facts: Generated<Jsonb>;
  href: string | null;
  at: Date;
  read_at: Date | null;
}

export interface AccessPassword {
  person_id: string;
  hash: string;
  version: Generated<number>;
  changed_at: Date;
  ended_at: Date | null;
}

export interface AccessPerson {
  id: string;
  login: string;
  display_name: string;
  state: Generated<"invited" | "active" | "disabled">;
  created_at: Date;
  created_by: string;
  disabled_at: Date | null;
  version: Generated<number>;
}

export interface AccessPreference {
  person_id: string;
  language: Generated<"zh-CN" | "en">;
  theme: Generated<"system" | "light" | "dark">;
  density: Generated<"comfortable" | "compact">;
}

export interface AccessRecoveryCode {
  id: string;
  person_id: string;
  code_hash: Buffer;
  created_at: Date;
  used_at: Date | null;
  replaced_at: Date | null;
}

export interface AccessRoleConflict {
  one: string;
  other: string;
  duty: string;
}

export interface AccessRoleGrant {
  id: string;
  person_id: string;
  role: string;
  kind: "standing" | "eligible" | "just_in_time" | "break_glass";
  reason: string | null;
  incident: string | null;
  granted_by: string;
  granted_at: Date;
  expires_at: Date | null;
  revoked_at: Date | null;
  revoked_by: string | null;
  reviewed_at: Date | null;
  reviewed_by: string | null;
}

export interface AccessSession {
  id: string;
  handle: string;
  person_id: string;
  level: number;
  authenticated_at: Date;
  factor_at: Date | null;
  created_at: Date;
  expires_at: Date;
  address: Generated<string>;
  agent: Generated<string>;
  device_id: string | null;
  ended_at: Date | null;
  ended_because: string | null;
}

export interface AccessSetup {
  one_row: Generated<boolean>;
  first: string | null;
  second: string | null;
  approver: string | null;
  closed_at: Date | null;
}

export interface AccessStepUp {
  id: string;
  session_id: string;
  digest: Buffer;
  created_at: Date;
  expires_at: Date;
  used_at: Date | null;
}

export interface AccessThrottle {
  key: Buffer;
  tries: number;
  window_start: Date;
  blocked_until: Date;
}

export interface AccessTotp {
  id: string;
  person_id: string;
  secret: string;
  state: Generated<"pending" | "active" | "locked" | "removed">;
  last_step: Generated<Int8>;
  created_at: Date;
  asked_by: string | null;
  expires_at: Date | null;
  confirmed_at: Date | null;
  ended_at: Date | null;
}

export interface AuditCheckpoint {
  origin: string;
  size: Int8;
  root: Buffer;
  note: string;
  signed_at: Date;
}

export interface AuditCosignature {
  origin: string;
  size: Int8;
  witness: string;
  line: string;
  at: Date;
}

export interface AuditDetail {
  event: string;
  field: string;
  side: "before" | "after";
  owner: string;
  sealed: string;
}

export interface AuditFork {
  id: string;
  old_origin: string;
  old_size: Int8;
  old_root: string;
  tree_size: Int8;
  new_origin: string;
  reason: string;
  decided_at: Date;
}

export interface AuditHead {
  one: Generated<boolean>;
  generation: Generated<Int8>;
  size: Generated<Int8>;
  edge: Generated<Buffer[]>;
  month: Generated<string>;
  own_seq: Generated<Int8>;
  leader: string | null;
  led_at: Date | null;
  grown_at: Date | null;
  forked: Jsonb | null;
}

export interface AuditHour {
  hour: Date;
  first_idx: Int8;
  last_idx: Int8;
}

export interface AuditLog {
  month: string;
  idx: Int8;
  id: string;
  at: Date;
  writer: string;
  writer_seq: Int8;
  severity: number;
  crud: string;
  action: string;
  actor_type: string;
  actor_id: string;
  category: string;
  outcome: string;
  code: string | null;
  ip: string | null;
  request: string | null;
  incident: string | null;
  purpose: string | null;
  policy: string | null;
  body: Buffer;
}

export interface AuditLogField {
  month: string;
  field: string;
  idx: Int8;
}

export interface AuditLogTarget {
  month: string;
  target_type: string;
  target_id: string;
  idx: Int8;
}

export interface AuditOverflow {
  sha256: Buffer;
  detail: Buffer;
}

export interface AuditSavedSearch {
  id: string;
  owner: string;
  name: string;
  query: string;
  created_at: Date;
}

export interface AuditSink {
  name: string;
  next: Generated<Int8>;
  sent_at: Date | null;
  failing_since: Date | null;
  code: string | null;
}

export interface AuditStage {
  xid: Generated<string>;
  writer: string;
  writer_seq: Int8;
  body: Buffer;
}

export interface AuditTally {
  hour: Date;
  action: string;
  category: string;
  outcome: string;
  severity: number;
  events: Int8;
}

export interface AuditTile {
  level: number;
  index: Int8;
  hashes: Buffer;
}

export interface AuditVerification {
  id: string;
  started_at: Date;
  finished_at: Date;
  size: Int8;
  integrity: "verified" | "tampered" | "unverifiable" | "malformed";
  completeness: "complete" | "incomplete" | "unknown";
  first_bad: Int8 | null;
}

export interface AuditWriter {
  id: string;
  started_at: Generated<Date>;
  host: string;
  pid: number;
}

export interface AuditWriterProgress {
  writer: string;
  seen: string;
  last_at: Generated<Date>;
  ended_at: Date | null;
  reported: Generated<string>;
}

export interface DoorApproval {
  id: string;
  request_id: string;
  requested_by: string;
  approver: string;
  decision: "approve" | "deny";
  payload_digest: Buffer;
  session: string;
  reason: string | null;
  at: Date;
}

export interface DoorApprovalRequest {
  id: string;
  operation: string;
  subject_type: string;
  subject_id: string;
  subject_version: number | null;
  payload: string;
  payload_digest: Buffer;
  requested_by: string;
  reason: string;
  required: number;
  from_roles: string[];
  state: Generated<"open" | "executed" | "denied" | "withdrawn" | "expired" | "failed">;
  outcome_code: string | null;
  version: Generated<number>;
  created_at: Date;
  expires_at: Date;
  notified_at: Date | null;
  closed_at: Date | null;
}

export interface DoorCommand {
  id: string;
  xid: Generated<string>;
  name: string;
  actor_type: string;
  actor_id: string;
  idempotency_key: string | null;
  input_digest: Buffer;
  result: string | null;
  at: Generated<Date>;
}

export interface DoorDeed {
  command: string;
  target_type: string;
  target_id: string;
  actor_id: string;
  at: Date;
}

export interface DoorOutbox {
  id: string;
  command_id: string;
  kind: string;
  body: string;
  state: Generated<"due" | "delivered" | "failed">;
  attempts: Generated<number>;
  last_error: string | null;
  due_at: Date;
  created_at: Date;
  delivered_at: Date | null;
}

export interface GatehouseMigration {
  number: number;
  name: string;
  sha256: string;
  applied_at: Generated<Date>;
}

export interface JobsRun {
  id: string;
  job: string;
  payload: Generated<Jsonb>;
  state: Generated<"due" | "running" | "done" | "failed">;
  attempts: Generated<number>;
  last_error: string | null;
  lease_until: Date | null;
  lease_by: string | null;
  due_at: Generated<Date>;
  created_at: Generated<Date>;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface MembersBudget {
  person: string;
  kind: "reveal" | "search";
  window: string;
  used: number;
}

export interface MembersConsent {
  id: string;
  member_id: string;
  purpose: "service" | "marketing" | "profiling" | "sharing";
  policy_version: string;
  granted: boolean;
  channel: "counter" | "phone" | "mail" | "web" | "app" | "import";
  at: Date;
}

export interface MembersExport {
  id: string;
  member_id: string;
  requested_by: string;
  permitted_at: Date;
  expires_at: Date;
  downloaded_at: Date | null;
}

export interface MembersImport {
  id: string;
  state: Generated<"uploading" | "uploaded" | "checking" | "checked" | "running" | "done" | "refused" | "cancelled">;
  bytes: Generated<Int8>;
  chunks: Generated<number>;
  sha256: Buffer | null;
  encoding: "utf-8" | "gb18030" | null;
  columns: string[] | null;
  at_chunk: Generated<number>;
  at_byte: Generated<number>;
  at_line: Generated<number>;
  rows_done: Generated<number>;
  created: Generated<number>;
  changed: Generated<number>;
  unchanged: Generated<number>;
  refused: Generated<number>;
  checked_rows: number | null;
  problem: string | null;
  problem_line: number | null;
  uploaded_by: string;
  started_by: string | null;
  created_at: Date;
  phase_at: Date;
  touched_at: Date;
  finished_at: Date | null;
  version: Generated<number>;
  stopped: "person_disabled" | "permission" | null;
}

export interface MembersImportChunk {
  import_id: string;
  no: number;
  sealed: string;
}

export interface MembersImportRow {
  import_id: string;
  phase: "check" | "run";
  line: number;
  member_no: string | null;
  outcome: "created" | "changed" | "unchanged" | "refused";
  code: string | null;
  field: string | null;
}

export interface MembersImportToken {
  import_id: string;
  phase: "check" | "run";
  kind: "phone" | "email";
  token: Buffer;
}

export interface MembersMember {
  id: string;
  no: string;
  name_ct: string;
  sex_ct: string | null;
  birth_ct: string | null;
  phone_ct: string | null;
  email_ct: string | null;
  phone_bx: Buffer | null;
  email_bx: Buffer | null;
  name_bx: Buffer | null;
  phone4_bx: Buffer | null;
  tier: Generated<"standard" | "silver" | "gold" | "platinum">;
  review_state: Generated<"submitted" | "approved" | "returned">;
  review_reason: string | null;
  reviewed_at: Date | null;
  status: Generated<"active" | "frozen">;
  status_reason: string | null;
  phone_verified_at: Date | null;
  email_verified_at: Date | null;
  sessions_valid_from: Date;
  registered_at: Date;
  submitted_at: Date;
  created_at: Date;
  updated_at: Date;
  version: Generated<number>;
  submitted_by: string | null;
  reviewed_by: string | null;
}

export interface MembersStatistic {
  id: string;
  computed_at: Date;
  min_cell: number;
  total: number;
  cells: Jsonb;
}

export interface PolicyInForce {
  id: string | null;
  document: string | null;
  version: string | null;
  sha256: Buffer | null;
  effective_from: Date | null;
}

export interface PolicyVersion {
  id: string;
  document: string;
  version: string;
  sha256: Buffer;
  source: Buffer;
  state: "draft" | "published";
  effective_from: Date | null;
  imported_at: Date;
}

export interface VaultBlindIndex {
  index_id: string;
  table_name: string;
  column_name: string;
  transform: string;
  version: number;
  exact: boolean;
  planned_rows: number;
  entropy_bits: number;
  bits: number;
  coincidences: number;
  state: Generated<"current" | "retired">;
  created_at: Date;
}

export interface VaultDek {
  dek_id: string;
  subject_id: string;
  purpose: "profile" | "trade" | "service" | "audit-detail" | "door" | "staff";
  kek_id: string;
  kek_version: number;
  wrapped: Buffer | null;
  state: Generated<"active" | "restricted" | "shredded">;
  created_at: Date;
  shredded_at: Date | null;
}

export interface VaultRotation {
  id: string;
  kind: string;
  from_version: number;
  to_version: number;
  total: number;
  done: Generated<number>;
  state: Generated<"running" | "finished">;
  started_at: Date;
  finished_at: Date | null;
}

export interface DB {
  "access.activity": AccessActivity;
  "access.break_glass": AccessBreakGlass;
  "access.device": AccessDevice;
  "access.link": AccessLink;
  "access.notice": AccessNotice;
  "access.password": AccessPassword;
  "access.person": AccessPerson;
  "access.preference": AccessPreference;
  "access.recovery_code": AccessRecoveryCode;
  "access.role_conflict": AccessRoleConflict;
  "access.role_grant": AccessRoleGrant;
  "access.session": AccessSession;
  "access.setup": AccessSetup;
  "access.step_up": AccessStepUp;
  "access.throttle": AccessThrottle;
  "access.totp": AccessTotp;
  "audit.checkpoint": AuditCheckpoint;
  "audit.cosignature": AuditCosignature;
  "audit.detail": AuditDetail;
  "audit.fork": AuditFork;
  "audit.head": AuditHead;
  "audit.hour": AuditHour;
  "audit.log": AuditLog;
  "audit.log_field": AuditLogField;
  "audit.log_target": AuditLogTarget;
  "audit.overflow": AuditOverflow;
  "audit.saved_search": AuditSavedSearch;
  "audit.sink": AuditSink;
  "audit.stage": AuditStage;
  "audit.tally": AuditTally;
  "audit.tile": AuditTile;
  "audit.verification": AuditVerification;
  "audit.writer": AuditWriter;
  "audit.writer_progress": AuditWriterProgress;
  "door.approval": DoorApproval;
  "door.approval_request": DoorApprovalRequest;
  "door.command": DoorCommand;
  "door.deed": DoorDeed;
  "door.outbox": DoorOutbox;
  "gatehouse.migration": GatehouseMigration;
  "jobs.run": JobsRun;
  "members.budget": MembersBudget;
  "members.consent": MembersConsent;
  "members.export": MembersExport;
  "members.import": MembersImport;
  "members.import_chunk": MembersImportChunk;
  "members.import_row": MembersImportRow;
  "members.import_token": MembersImportToken;
  "members.member": MembersMember;
  "members.statistic": MembersStatistic;
  "policy.in_force": PolicyInForce;
  "policy.version": PolicyVersion;
  "vault.blind_index": VaultBlindIndex;
  "vault.dek": VaultDek;
  "vault.rotation": VaultRotation;
}

declare module "../../door/tables.ts" {
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- that is how an interface is filled
  interface Tables extends DB {}
}
