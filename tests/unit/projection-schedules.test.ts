import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { fireRowsOf, openRowsOf, triesOf } from '#backend/projectors/read/schedules.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';

const database = () => new Sqlite(':memory:').exec(SCHEMA);

function execution(db: Database, execId: string, more: Record<string, string | number> = {}): void {
  insert(db, 'executions', {
    exec_id: execId,
    first_recorded: 100,
    last_recorded: 100,
    own: 1,
    expires_at: 200,
    schedule_id: 's',
    nominal_at: 100,
    attempt: 0,
    run_now: 0,
    version: '1',
    ...more,
  });
}

function target(db: Database, execId: string, pc: string, state: string, more: Record<string, string | number> = {}): void {
  insert(db, 'targets', { exec_id: execId, pc_id: pc, state, schedule_id: 's', ...more });
}

function insert(db: Database, table: string, row: Record<string, string | number>): void {
  const names = Object.keys(row);
  db.prepare(`INSERT INTO ${table} (${names}) VALUES (${names.map(() => '?')})`).run(...Object.values(row));
}

/** How SQLite goes about what is asked while `ask` runs. */
function plansOf(db: Database, ask: () => void): string[] {
  const asked: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => {
    asked.push(sql);
    return prepare(sql);
  }) as typeof db.prepare;
  ask();
  return asked.flatMap((sql) => {
    const unnamed = Array(sql.split('?').length - 1).fill(null);
    const plan = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`);
    return plan.all({ scheduleId: 's', version: '1', since: 0 }, ...unnamed).map((step) => step.detail);
  });
}

test('a run is open while it is queued and not expired, or running, and a running one says until when', () => {
  const db = database();
  execution(db, 'old', { expires_at: 150 });
  target(db, 'old', 'OFF', 'queued');
  target(db, 'old', 'LONG', 'running', { deadline_at: 900 });
  target(db, 'old', 'CANCELLED', 'running', { deadline_at: 900, cancelled_recorded: 120 });
  execution(db, 'new', { nominal_at: 160 });
  target(db, 'new', 'OFF', 'queued');
  target(db, 'new', 'DONE', 'succeeded', { outcome: 'succeeded' });
  execution(db, 'other', { schedule_id: 't' });
  target(db, 'other', 'OFF', 'queued', { schedule_id: 't' });
  expect(openRowsOf(db, 's', 150)).toEqual([
    { pc_id: 'OFF', exec_id: 'new', state: 'queued', nominal_at: 160, run_now: 0, deadline_at: null },
    { pc_id: 'LONG', exec_id: 'old', state: 'running', nominal_at: 100, run_now: 0, deadline_at: 900 },
  ]);
  db.close();
});

test('a try is what ended in vain after the last success; what was only put off is none', () => {
  const db = database();
  for (const state of TARGET_STATES) {
    execution(db, state);
    target(db, state, state, state, { result_recorded: 110 });
  }
  execution(db, 'again');
  for (const reason of ['superseded', 'frozen']) target(db, 'again', reason, 'skipped', { result_recorded: 110, reason });
  target(db, 'again', 'superseded-here', 'skipped', { cancelled_recorded: 110, cancel_reason: 'superseded' });
  for (const [pc, success] of [['before', 109] as const, ['after', 110] as const]) {
    target(db, 'again', pc, 'failed', { result_recorded: 110 });
    insert(db, 'completions', { schedule_id: 's', pc_id: pc, finished_recorded: success, exec_id: 'x', version: '1', kept_recorded: 0 });
  }
  expect(triesOf(db, 's', { version: '1', since: 0 }).map((row) => row.pc_id)).toEqual([
    'before',
    'cancelled',
    'failed',
    'killed',
    'lost',
    'skipped',
    'timed_out',
    'unknown',
  ]);
  db.close();
});

test('only tries with that version count that were submitted since then and that no person asked for', () => {
  const db = database();
  execution(db, 'a');
  execution(db, 'b', { first_recorded: 120 });
  execution(db, 'c', { first_recorded: 130 });
  execution(db, 'by-hand', { first_recorded: 130, run_now: 1 });
  execution(db, 'version-2', { first_recorded: 130, version: '2' });
  for (const [n, exec] of ['a', 'b', 'c', 'by-hand', 'version-2'].entries()) {
    target(db, exec, 'PC', 'failed', { result_recorded: 140 + n });
  }
  expect(triesOf(db, 's', { version: '1', since: 0 })).toEqual([{ pc_id: 'PC', n: 3, ended: 142 }]);
  expect(triesOf(db, 's', { version: '1', since: 120 })).toEqual([{ pc_id: 'PC', n: 2, ended: 142 }]);
  expect(triesOf(db, 's', { version: '1', since: 131 })).toEqual([]);
  db.close();
});

test('what is asked at each tick reads neither what expired nor what came to an end before the last success', () => {
  const db = database();
  expect(plansOf(db, () => openRowsOf(db, 's', 1)).sort()).toEqual([
    'COMPOUND QUERY',
    'LEFT-MOST SUBQUERY',
    'SEARCH e USING INDEX executions_by_schedule_expiry (schedule_id=? AND expires_at>?)',
    'SEARCH e USING PRIMARY KEY (exec_id=?)',
    'SEARCH t USING INDEX targets_queued_of_schedules (exec_id=?)',
    'SEARCH t USING INDEX targets_running_by_schedule (schedule_id=?)',
    'UNION ALL',
  ]);
  const tries = plansOf(db, () => triesOf(db, 's', { version: '1', since: 0 })).filter((step) => /SEARCH (targets|t) /.test(step));
  expect(tries.map((step) => step.replace(/^.*targets_in_vain /, ''))).toEqual([
    '(schedule_id=?)',
    '(schedule_id=? AND pc_id>?)',
    '(schedule_id=? AND pc_id=? AND <expr>>?)',
  ]);
  expect(plansOf(db, () => fireRowsOf(db, 's', 1))).toContain('SEARCH e USING INDEX executions_by_fire (schedule_id=? AND nominal_at=?)');
  db.close();
});
