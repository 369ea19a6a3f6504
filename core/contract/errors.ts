/**
 * Every error that can reach an admin has one stable code, and this table is the only place where codes are made.
 * `status` is the HTTP status the API answers with; codes that only ever appear in an agent's report have none.
 */
const CODES = {
  // What the caller sent
  bad_request: { status: 400, title: 'The request is malformed' },
  invalid_body: { status: 422, title: 'The body does not have the expected form' },
  invalid_query: { status: 422, title: 'A query parameter does not have the expected form' },
  condition_type: { status: 422, title: 'A condition asks a field for what its values are not' },
  invalid_id: { status: 422, title: 'An id may hold only letters, digits, "_" and "-", 1 to 64 of them' },
  invalid_duration: { status: 422, title: 'A duration is a number and a unit, such as 30s, 5m, 12h or 7d' },
  invalid_cursor: { status: 422, title: 'The cursor is not one this list gave out' },
  body_too_large: { status: 413, title: 'The body is too large' },
  script_too_large: { status: 413, title: 'A script may be at most 1,000,000 bytes long' },
  command_too_large: { status: 413, title: 'Arguments and environment are too large' },
  unsupported_media_type: { status: 415, title: 'The content type is not supported here' },
  unauthenticated: { status: 401, title: 'A valid bearer token is needed' },
  forbidden: { status: 403, title: 'This token may not do that' },
  not_found: { status: 404, title: 'There is no such thing' },
  method_not_allowed: { status: 405, title: 'This address does not take that method' },
  wrong_host: { status: 421, title: 'The request is for another host' },
  precondition_failed: { status: 412, title: 'It was changed meanwhile: read it again' },
  idempotency_key_reused: { status: 422, title: 'This Idempotency-Key was used with another body' },
  // What was asked for
  target_empty: { status: 422, title: 'The target resolves to no PC' },
  unknown_pc: { status: 422, title: 'No such PC is enrolled' },
  unknown_release: { status: 422, title: 'No such release' },
  unknown_job: { status: 422, title: 'No such job' },
  schedule_corrupt: { status: 409, title: 'What is stored of the schedule cannot be read' },
  group_corrupt: { status: 409, title: 'What is stored of the group cannot be read' },
  group_kind: { status: 409, title: 'A group is static or dynamic, not both' },
  not_retired: { status: 409, title: 'The PC is not retired' },
  rollout_corrupt: { status: 409, title: 'What is stored of the rollout cannot be read' },
  rollout_state: { status: 409, title: 'The rollout is not in a state for that' },
  job_revoked: { status: 409, title: 'The job is revoked' },
  params_unsupported: { status: 422, title: 'Named parameters work with the PowerShell shells only' },
  args_unsupported: { status: 422, title: 'This shell cannot take these arguments' },
  script_file_not_inlined: { status: 422, title: 'The server cannot read script_file: send the text as script' },
  agent_unreachable: { status: 504, title: 'The PC did not answer' },
  inventory_failed: { status: 502, title: 'The PC could not collect its inventory' },
  result_pending: { status: 503, title: 'The script still runs: there is no result yet' },
  output_pending: { status: 503, title: 'The output has not all arrived yet' },
  output_gone: { status: 410, title: 'The output is older than its retention' },
  // Who may be a PC
  enrolment_token_invalid: { status: 401, title: 'There is no such enrolment token' },
  enrolment_token_expired: { status: 403, title: 'The enrolment token is over' },
  enrolment_token_used_up: { status: 403, title: 'The enrolment token is used up' },
  enrolment_token_revoked: { status: 403, title: 'The enrolment token was revoked' },
  enrolment_name_refused: { status: 403, title: 'The enrolment token is not for a PC of this name' },
  enrolment_denied: { status: 403, title: 'An admin has denied this enrolment' },
  enrolment_proof_invalid: { status: 401, title: 'The signature does not prove the key' },
  identity_revoked: { status: 403, title: 'The identity of this PC was revoked' },
  revocation_pending: { status: 503, title: 'Noted, but not every server of the broker has confirmed it yet' },
  identity_unknown: { status: 404, title: 'This key belongs to no PC' },
  pc_retired: { status: 409, title: 'The PC is retired' },
  pc_id_taken: { status: 409, title: 'Another PC has this id' },
  enrolments_full: { status: 503, title: 'Too many enrolments wait for an admin' },
  open_mode: { status: 409, title: 'The server runs in open mode: there are no identities' },
  // Who may be a backend
  join_code_unknown: { status: 401, title: 'The join code is not known' },
  join_code_used: { status: 409, title: 'The join code was used already' },
  join_code_expired: { status: 410, title: 'The join code counts no longer' },
  join_code_revoked: { status: 410, title: 'The join code was revoked' },
  join_proof_invalid: { status: 401, title: 'The signatures do not prove the keys' },
  backend_id_taken: { status: 409, title: 'Another backend has this id, or had it' },
  backend_state: { status: 409, title: 'The backend is not in a state for that' },
  operator_key_elsewhere: { status: 409, title: 'It takes the operator key, which another backend has' },
  joined_already: { title: 'The data folder belongs to backends already' },
  join_unfinished: { title: 'The data folder has asked to join and has no answer yet' },
  // By which keys the backends speak
  command_key_state: { status: 409, title: 'The command key is not in a state for that' },
  command_key_lost: { title: 'The command keys of this backend are missing, unreadable or older than what the broker knows' },
  // Releases
  release_malformed: { status: 422, title: 'The release does not have the expected form' },
  release_untrusted: { status: 409, title: 'The release is signed by nobody that is believed here' },
  release_forged: { status: 409, title: 'The release was altered after it was signed' },
  release_wrong_product: { status: 409, title: 'The release is of another product' },
  release_wrong_platform: { status: 409, title: 'The release is for another platform' },
  release_expired: { status: 409, title: 'The release counts no longer' },
  release_replayed: { status: 409, title: 'The release is an older signing than one that was seen' },
  release_rollback: { status: 409, title: 'The release is lower than what runs or has run' },
  release_not_newer: { status: 409, title: 'The version of the release runs already' },
  release_file_wrong: { status: 422, title: 'A file of the release is not what the release says' },
  package_malformed: { status: 422, title: 'It is no package of Windows Installer' },
  releases_full: { status: 507, title: 'There is no room for another release' },
  downloads_busy: { status: 503, title: 'Too many PCs download at once' },
  release_folder_unsafe: { title: 'Something else stands where a version is to lie' },
  release_keys_unreadable: { title: 'The list of the keys that sign releases cannot be read' },
  // What we could not do
  exec_full: { status: 507, title: 'The command queue is full' },
  broker_unavailable: { status: 503, title: 'The broker cannot be reached' },
  not_ready: { status: 503, title: 'The projection has not caught up' },
  internal: { status: 500, title: 'Something went wrong on the server' },
  // Messages between the parts
  bad_message: { title: 'A message does not have the expected form' },
  inventory_full: { title: 'The PC says more of its inventory than a PC may' },
  events_full: { title: 'The PC says more events than a PC may' },
  results_full: { title: 'The PC says more results than a PC may' },
  output_full: { title: 'The PC has more output than a PC may' },
  subject_mismatch: { title: 'A message names another PC or execution than its subject' },
  // Starting up
  setting_unknown: { title: 'An unknown setting' },
  setting_invalid: { title: 'A setting is malformed' },
  listen_not_loopback: { title: 'Beyond loopback nothing goes in the clear' },
  certificate_unreadable: { title: 'A certificate or its key cannot be read' },
  certificate_key_mismatch: { title: 'The key is not that of the certificate' },
  // Whom we talk to
  certificate_untrusted: { title: 'The certificate is from a CA that is not trusted here' },
  certificate_expired: { title: 'The certificate is not valid now' },
  certificate_wrong_name: { title: 'The certificate is for another server' },
  tls_missing: { title: 'The server does not speak TLS' },
  broker_refuses: { title: 'The broker does not know this identity' },
  broker_open: { title: 'The broker lets everybody in' },
  broker_nonce: { title: 'The broker wants something signed that is no nonce' },
  // The data folder and what is beside it
  identity_unreadable: { title: 'The keys of this installation cannot be read' },
  key_backup_unreadable: { title: 'The backup of the keys cannot be opened' },
  identity_missing: { title: 'What is stored belongs to keys that are not there' },
  identity_there: { title: 'The data folder has identities' },
  folder_in_use: { title: 'The data folder is in use by another process' },
  port_in_use: { title: 'The port is taken' },
  broker_missing: { title: 'No nats-server new enough can be had' },
  broker_too_old: { title: 'nats-server 2.10.23 or newer is needed' },
  broker_failed: { title: 'nats-server did not start' },
  node_missing: { title: 'Node 24 cannot be had for this platform' },
  // What an agent reports
  key_shared: { title: 'Two connections show the key of one PC at once' },
  pc_id_conflict: { title: 'Two PCs answer to one id' },
  not_enrolled: { title: 'The backend does not let this PC run anything' },
  no_identity: { title: 'This PC has no identity, and no enrolment token to get one' },
  identity_unusable: { title: 'The identity on this PC cannot be read' },
  server_unreachable: { title: 'The server cannot be reached' },
  proxy_unreachable: { title: 'The proxy cannot be reached' },
  proxy_refuses: { title: 'The proxy does not let it through' },
  identity_not_renewed: { title: 'The identity of this PC could not be renewed' },
  server_not_trusted: { title: 'The server is not the one the enrolment token is of' },
  misaddressed: { title: 'The command is for another PC' },
  unsigned: { status: 409, title: 'It is not signed' },
  unknown_key: { status: 409, title: 'It is signed by a key that is not trusted' },
  retired_key: { status: 409, title: 'It is signed by a key that is retired' },
  signature_invalid: { status: 409, title: 'It was altered, or signed for something else' },
  signature_expired: { status: 409, title: 'Its signature counts no longer' },
  signature_too_long: { status: 409, title: 'Its signature would count for too long' },
  not_member: { title: 'The command is for a group this PC is not in' },
  malformed: { title: 'The command is malformed' },
  oversized: { title: 'The command is too large' },
  unknown_command: { title: 'The command asks for something this agent does not know' },
  update_waiting: { title: 'An update waits' },
  unknown_shell: { title: 'The command names an unknown shell' },
  conflicting_bytes: { title: 'Another command came under the same id' },
  ledger_full: { title: 'The ledger is full' },
  ledger_corrupt: { title: 'A record of the ledger is unreadable' },
  disk_full: { title: 'The disk is full' },
  folder_unwritable: { title: 'The data folder cannot be written' },
  outbox_full: { title: 'The outbox is full' },
  outbox_stuck: { title: 'Messages in the outbox cannot be sent' },
  outbox_corrupt: { title: 'Messages in the outbox are unreadable' },
} as const satisfies Record<string, { status?: number; title: string }>;

export type ErrorCode = keyof typeof CODES;

export function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(CODES, text);
}

export function errorTitle(code: ErrorCode): string {
  return CODES[code].title;
}

/** The HTTP status of a code, undefined for codes that never travel over HTTP. */
export function errorStatus(code: ErrorCode): number | undefined {
  const entry: { status?: number; title: string } = CODES[code];
  return entry.status;
}

/** One thing wrong in what was sent: where (RFC 6901 pointer, '' = the whole) and what. */
export interface Fault {
  pointer: string;
  message: string;
  code?: ErrorCode;
  /** What stands there, where a program needs it to go on. */
  value?: string;
}

/** The one error class of this project. `detail` says what is wrong and where, in words for an admin. */
export class KanadeError extends Error {
  override readonly name = 'KanadeError';
  readonly code: ErrorCode;
  readonly faults: readonly Fault[];

  constructor(code: ErrorCode, detail?: string, options: { cause?: unknown; faults?: readonly Fault[] } = {}) {
    super(detail ?? errorTitle(code), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.faults = options.faults ?? [];
  }
}

/** What was thrown, as text for a log or a report. */
export function messageOf(error: unknown): string {
  // Several addresses of one host failed: it has no words of its own.
  if (error instanceof AggregateError && error.message === '') return [...new Set(error.errors.map(messageOf))].join('; ');
  return error instanceof Error ? error.message : String(error);
}
