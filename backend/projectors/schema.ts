/** Another number, and the file is deleted and comes back by replay: no migrations. */
export const SCHEMA_VERSION = 9;

/**
 * What makes a row of `targets` a try that came to nothing, and when it ended. What was only put off (superseded, frozen,
 * expired) was no try. SQLite uses an index by such a condition only for a query that has the same one in it; a longer
 * list it would build anew at each update of a row.
 */
export const IN_VAIN = `schedule_id IS NOT NULL
  AND state <> 'queued' AND state <> 'running' AND state <> 'succeeded' AND state <> 'expired'
  AND coalesce(reason, cancel_reason, '') NOT IN ('superseded', 'frozen')`;
export const ENDED = 'coalesce(result_recorded, cancelled_recorded, lost_recorded)';

/** The oldest message that a row of `inventory_sections` hangs on: what it says goes when that one does. */
export const OLDEST = 'coalesce(data_recorded, recorded)';

/**
 * Times are milliseconds since 1970; `recorded` is always the broker's time of storing, so that replay gives the same.
 * Nothing here is keyed by a counter of this file or stamped by a clock of this machine.
 */
export const SCHEMA = `
CREATE TABLE projector (
  stream TEXT PRIMARY KEY,
  -- When the stream was made, as the broker says it: another one means that it was deleted and made again.
  created TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- Creation time of the stream before this one, so that what was noticed is still said after a restart.
  replaced TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE executions (
  exec_id TEXT PRIMARY KEY,
  -- Of the submission; while that is unknown, of the earliest fact.
  first_recorded INTEGER NOT NULL,
  last_recorded INTEGER NOT NULL,
  submitted_recorded INTEGER,
  -- A fact had request_id = exec_id: such an execution is ours and had a submission.
  own INTEGER NOT NULL,
  submitted_at TEXT,
  actor TEXT,
  job_id TEXT,
  target TEXT,
  broadcast INTEGER,
  target_count INTEGER,
  command TEXT,
  timeout_ms INTEGER,
  expires_at INTEGER,
  rerun_of TEXT,
  -- Of the cancellation without a list: it holds for rows that come later too.
  cancelled_recorded INTEGER,
  cancelled_at TEXT,
  cancelled_by TEXT,
  cancel_reason TEXT,
  cancelled_seq INTEGER,
  -- Of what a schedule fired.
  schedule_id TEXT,
  nominal_at INTEGER,
  attempt INTEGER,
  run_now INTEGER,
  version TEXT,
  -- Of a wave.
  rollout_id TEXT,
  wave INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX executions_by_time ON executions (first_recorded, exec_id);
CREATE INDEX executions_by_job ON executions (job_id, first_recorded, exec_id) WHERE job_id IS NOT NULL;
CREATE INDEX executions_by_actor ON executions (actor, first_recorded, exec_id) WHERE actor IS NOT NULL;
CREATE INDEX executions_by_expiry ON executions (expires_at, exec_id);
CREATE INDEX executions_by_schedule ON executions (schedule_id, first_recorded, exec_id) WHERE schedule_id IS NOT NULL;
CREATE INDEX executions_by_fire ON executions (schedule_id, nominal_at) WHERE schedule_id IS NOT NULL;
CREATE INDEX executions_by_schedule_expiry ON executions (schedule_id, expires_at) WHERE schedule_id IS NOT NULL;
CREATE INDEX executions_by_rollout ON executions (rollout_id, wave) WHERE rollout_id IS NOT NULL;
CREATE INDEX executions_orphaned ON executions (exec_id) WHERE submitted_recorded IS NULL AND own = 1;

CREATE TABLE exec_counts (
  exec_id TEXT NOT NULL,
  state TEXT NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (exec_id, state)
) STRICT, WITHOUT ROWID;
CREATE INDEX exec_counts_running ON exec_counts (exec_id) WHERE state = 'running';

CREATE TABLE targets (
  exec_id TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  state TEXT NOT NULL,
  started_recorded INTEGER,
  started_at TEXT,
  started_result_id TEXT,
  deadline_at INTEGER,
  result_recorded INTEGER,
  outcome TEXT,
  reason TEXT,
  exit_code INTEGER,
  reboot_required INTEGER,
  result_started_at TEXT,
  finished_at TEXT,
  result_id TEXT,
  cancelled_recorded INTEGER,
  cancel_reason TEXT,
  lost_recorded INTEGER,
  lost_reason TEXT,
  -- The last message of each stream that was about this row: what a resumed SSE stream compares with.
  exec_seq INTEGER,
  event_seq INTEGER,
  result_seq INTEGER,
  -- Of its execution: what a schedule has done on a PC is asked at every tick.
  schedule_id TEXT,
  PRIMARY KEY (exec_id, pc_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX targets_by_exec_seq ON targets (exec_id, exec_seq) WHERE exec_seq IS NOT NULL;
CREATE INDEX targets_by_event_seq ON targets (exec_id, event_seq) WHERE event_seq IS NOT NULL;
CREATE INDEX targets_by_result_seq ON targets (exec_id, result_seq) WHERE result_seq IS NOT NULL;
-- Not by state: a start would have to write it anew.
CREATE INDEX targets_open ON targets (pc_id, exec_id) WHERE outcome IS NULL;
-- Of what schedules sent only. By execution: of the rows that nobody ever answers, those that are not expired are found by theirs.
CREATE INDEX targets_queued_of_schedules ON targets (exec_id, pc_id) WHERE schedule_id IS NOT NULL AND state = 'queued';
CREATE INDEX targets_running_by_schedule ON targets (schedule_id, pc_id) WHERE schedule_id IS NOT NULL AND state = 'running';
CREATE INDEX targets_in_vain ON targets (schedule_id, pc_id, ${ENDED}) WHERE ${IN_VAIN};
CREATE INDEX targets_running ON targets (deadline_at, started_result_id) WHERE state = 'running';

CREATE TABLE results (
  result_id TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  exec_id TEXT NOT NULL,
  recorded INTEGER NOT NULL,
  -- The message as it came.
  body BLOB NOT NULL,
  UNIQUE (result_id, pc_id, exec_id)
) STRICT;
CREATE INDEX results_by_exec ON results (exec_id);

-- The last success of each PC for a schedule, from its result or from the bucket that keeps it for good.
CREATE TABLE completions (
  schedule_id TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  finished_recorded INTEGER NOT NULL,
  exec_id TEXT NOT NULL,
  version TEXT NOT NULL,
  -- What the bucket holds: behind finished_recorded it has still to be written there.
  kept_recorded INTEGER NOT NULL,
  PRIMARY KEY (schedule_id, pc_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX completions_unkept ON completions (schedule_id, pc_id) WHERE finished_recorded > kept_recorded;

-- Starts and results that came before the submission which says whether their PC is a target at all.
CREATE TABLE early_facts (
  exec_id TEXT NOT NULL,
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  pc_id TEXT NOT NULL,
  subject TEXT NOT NULL,
  size INTEGER NOT NULL,
  preview TEXT NOT NULL,
  PRIMARY KEY (exec_id, stream, seq, recorded)
) STRICT, WITHOUT ROWID;

CREATE TABLE agent_events (
  recorded INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  event_id TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  at TEXT NOT NULL,
  code TEXT,
  detail TEXT,
  subject TEXT,
  request_id TEXT,
  exec_id TEXT,
  PRIMARY KEY (recorded, seq),
  UNIQUE (pc_id, event_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX agent_events_by_pc ON agent_events (pc_id, recorded, seq);
CREATE INDEX agent_events_by_kind ON agent_events (kind, recorded, seq);

CREATE TABLE audit (
  recorded INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  audit_id TEXT NOT NULL UNIQUE,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  target TEXT,
  -- The whole entry as JSON.
  body TEXT NOT NULL,
  PRIMARY KEY (recorded, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_actor ON audit (actor, recorded, seq);
CREATE INDEX audit_by_action ON audit (action, recorded, seq);
CREATE INDEX audit_by_target ON audit (target, recorded, seq) WHERE target IS NOT NULL;

-- What each PC last said of each section, and what it last could read of it.
CREATE TABLE inventory_sections (
  pc_id TEXT NOT NULL,
  section TEXT NOT NULL,
  -- Of the newest message. The sequence is 0 once the stream is another one.
  seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  -- Counts the messages of this section: the stream keeps so many of them, and what hangs on an older one goes.
  rank INTEGER NOT NULL,
  checked_at TEXT NOT NULL,
  hash TEXT NOT NULL,
  faults TEXT NOT NULL,
  job_id TEXT,
  exec_id TEXT,
  -- Of the newest message with data.
  data_rank INTEGER,
  data_recorded INTEGER,
  collected_at TEXT,
  shape TEXT,
  row_count INTEGER,
  PRIMARY KEY (pc_id, section)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_sections_by_section ON inventory_sections (section, pc_id, shape);
CREATE INDEX inventory_sections_with_faults ON inventory_sections (pc_id, section) WHERE faults <> '[]';
-- The oldest message that a section still hangs on.
CREATE INDEX inventory_sections_by_age ON inventory_sections (${OLDEST});

-- Each row once, however many PCs have it: its fields but for those that are a PC's own, as JSON.
CREATE TABLE inventory_bodies (
  section TEXT NOT NULL,
  -- Made of section and body.
  id INTEGER NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (section, id)
) STRICT, WITHOUT ROWID;

-- The rows of a PC; of an object the one with n = 0.
CREATE TABLE inventory_rows (
  pc_id TEXT NOT NULL,
  section TEXT NOT NULL,
  n INTEGER NOT NULL,
  body INTEGER NOT NULL,
  -- The values of the PC's own fields, as JSON.
  own TEXT,
  PRIMARY KEY (pc_id, section, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_rows_by_body ON inventory_rows (body, section, pc_id);

-- What a message changed of the data that the one before it had: its place is the base.
CREATE TABLE inventory_versions (
  pc_id TEXT NOT NULL,
  section TEXT NOT NULL,
  rank INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  collected_at TEXT NOT NULL,
  base_rank INTEGER NOT NULL,
  base_recorded INTEGER NOT NULL,
  changes TEXT NOT NULL,
  PRIMARY KEY (pc_id, section, rank)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_versions_by_time ON inventory_versions (pc_id, recorded, seq);
CREATE INDEX inventory_versions_by_section ON inventory_versions (pc_id, section, recorded, seq);
CREATE INDEX inventory_versions_by_age ON inventory_versions (base_recorded);

-- The messages of each PC that count, as the stream holds them: what it may have is judged by these (inventory/quota.ts).
CREATE TABLE inventory_messages (
  pc_id TEXT NOT NULL,
  section TEXT NOT NULL,
  seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  size INTEGER NOT NULL,
  PRIMARY KEY (pc_id, section, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX inventory_messages_by_age ON inventory_messages (recorded);

-- What each PC has in EVENTS and RESULTS, by weeks; of the last hour in a week how many messages (volumes.ts).
CREATE TABLE volumes (
  stream TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  week INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  hour INTEGER NOT NULL,
  messages INTEGER NOT NULL,
  -- When the first message was stored of whoever has the name: what is added up is of one such time.
  since INTEGER NOT NULL,
  PRIMARY KEY (stream, pc_id, week)
) STRICT, WITHOUT ROWID;

-- From where to where no message of a PC counts, for it has said too much.
CREATE TABLE surplus (
  stream TEXT NOT NULL,
  pc_id TEXT NOT NULL,
  first_seq INTEGER NOT NULL,
  last_seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  PRIMARY KEY (stream, pc_id, first_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead_letters (
  id INTEGER PRIMARY KEY,
  stream TEXT NOT NULL,
  seq INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  subject TEXT NOT NULL,
  -- Who may have sent it, folded; '' for nobody that its subject tells, null for a backend.
  pc_id TEXT,
  code TEXT NOT NULL,
  detail TEXT NOT NULL,
  size INTEGER NOT NULL,
  -- The beginning of the body: the whole of it is in the stream.
  preview TEXT NOT NULL
) STRICT;
CREATE INDEX dead_letters_by_time ON dead_letters (recorded, id);
CREATE INDEX dead_letters_by_pc ON dead_letters (stream, pc_id, recorded, seq) WHERE pc_id IS NOT NULL;
CREATE INDEX dead_letters_by_stream ON dead_letters (stream, recorded, id);
`;
