import Sqlite, { type Database } from 'better-sqlite3';
import { expect, test } from 'vitest';
import { countsSince } from '#backend/projectors/read/counts-since.ts';
import { runningPastDeadline } from '#backend/projectors/read/deadlines.ts';
import { getExecution, isClosed, listExecutions, openExecutionIds } from '#backend/projectors/read/executions.ts';
import {
  bodiesAfter,
  bodyOf,
  collectedSections,
  firstMessages,
  inventoryChanges,
  linksFrom,
  linksToBody,
  pcsWithBody,
  pcsWithSection,
  rowsFrom,
  sectionAfter,
  sectionOf,
  sectionsOf,
  sectionsWithFaults,
} from '#backend/projectors/read/inventory.ts';
import { openRowsOf, queueOf } from '#backend/projectors/read/queue.ts';
import { findRun, getResult } from '#backend/projectors/read/results.ts';
import { getDeadLetter, listAudit, listDeadLetters, listEvents } from '#backend/projectors/read/said.ts';
import { allPcs, changedTargets, countPutOff, listTargets, pcsInStates } from '#backend/projectors/read/targets.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { TARGET_STATES } from '#core/contract/target-state.ts';
import { atOnce } from '#tests/support/at-once.ts';

const now = 1;
const limit = 50;
const combinations = <T extends object>(options: T): Partial<T>[] => {
  const entries = Object.entries(options);
  return Array.from(
    { length: 2 ** entries.length },
    (_, bits) => Object.fromEntries(entries.filter((_, n) => bits & (1 << n))) as Partial<T>,
  );
};

function askEverything(db: Database): void {
  for (const states of [undefined, ...TARGET_STATES.map((state) => [state]), TARGET_STATES]) {
    for (const some of combinations({ jobId: 'j', actor: 'a', pc: 'PC', since: 1, before: { recorded: 5, execId: 'e' } })) {
      listExecutions(db, { ...some, ...(states && { states }), limit, now });
    }
  }
  getExecution(db, 'e', now);
  isClosed(db, 'e', now);
  openExecutionIds(db, now);
  countsSince(db, 0, now);
  listTargets(db, 'e', { limit, now });
  listTargets(db, 'e', { states: ['failed'], after: 'PC', limit, now });
  changedTargets(db, 'e', undefined, now);
  const { progress } = changedTargets(db, 'e', undefined, now);
  changedTargets(db, 'e', progress, now);
  pcsInStates(db, 'e', ['failed', 'lost'], now);
  allPcs(db, 'e');
  countPutOff(db, 'e');
  getResult(db, 'r');
  findRun(db, 'r');
  queueOf(db, 'PC', { limit, now });
  queueOf(db, 'PC', { after: { recorded: 5, execId: 'e' }, limit, now });
  openRowsOf(db, 'PC', now);
  runningPastDeadline(db, now, limit);
  runningPastDeadline(db, now, limit, { deadlineAt: 1, resultId: 'r', execId: 'e', pcId: 'PC' });
  const before = { recorded: 5, seq: 1 };
  for (const some of combinations({ pc: 'PC', kind: 'online', since: 1, before })) listEvents(db, { ...some, limit });
  for (const some of combinations({ actor: 'a', action: 'x', target: 't', since: 1, before })) listAudit(db, { ...some, limit });
  for (const some of combinations({ stream: 'RESULTS' as const, before })) listDeadLetters(db, { ...some, limit });
  getDeadLetter(db, 1);
  sectionsOf(db, 'PC');
  sectionOf(db, 'PC', 'os');
  rowsFrom(db, 'PC', 'os', 0, limit);
  linksFrom(db, 'PC', 'os', 0, limit);
  for (const some of combinations({ sections: ['os'], since: 1 })) atOnce(inventoryChanges(db, { pc: 'PC', ...some, limit }));
  sectionAfter(db, 'a');
  firstMessages(db, 'PC');
  collectedSections(db, 'PC');
  pcsWithSection(db, 'os', '', limit);
  sectionsWithFaults(db, { pc: '', section: '' }, limit);
  bodiesAfter(db, 'os', 0, limit);
  bodyOf(db, 'os', 1);
  pcsWithBody(db, 'os', 1, '', limit);
  linksToBody(db, 'os', 1, { pc: '', n: 0 }, limit);
}

test('no query reads through a table, and no list is sorted but the open rows of one PC and the claims to one result id', () => {
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const asked = new Set<string>();
  const prepare = db.prepare.bind(db);
  db.prepare = ((sql: string) => {
    asked.add(sql);
    return prepare(sql);
  }) as typeof db.prepare;
  askEverything(db);
  expect(asked.size).toBeGreaterThan(40);
  for (const sql of asked) {
    const plan = prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`).all(...Array(sql.split('?').length - 1).fill(null));
    const details = plan.map((step) => step.detail);
    // The four rows of `projector`; and what runs at this moment, in its own partial index.
    const allowed = /^SCAN projector|USING COVERING INDEX (targets_running|exec_counts_running)$/;
    const scans = details.filter((detail) => detail.startsWith('SCAN') && !/^SCAN \(?subquery/i.test(detail) && !allowed.test(detail));
    expect(scans, `${sql}\n${details.join('\n')}`).toEqual([]);
    const sorts = details.filter((detail) => /USE TEMP B-TREE FOR ORDER BY/.test(detail));
    if (!/FROM targets t JOIN|FROM results WHERE result_id/.test(sql)) expect(sorts, `${sql}\n${details.join('\n')}`).toEqual([]);
  }
  db.close();
});

test('put off is what a PC skipped for a freeze or for a later fire, whoever said so, and nothing else', () => {
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const insert = db.prepare("INSERT INTO targets (exec_id, pc_id, state, outcome, reason, cancel_reason) VALUES ('e', ?, ?, ?, ?, ?)");
  insert.run('A', 'skipped', 'skipped', 'frozen', null);
  insert.run('B', 'skipped', 'skipped', 'superseded', null);
  insert.run('C', 'skipped', null, null, 'superseded');
  insert.run('D', 'skipped', 'skipped', 'revoked', null);
  insert.run('E', 'succeeded', 'succeeded', null, 'superseded');
  insert.run('F', 'cancelled', null, null, null);
  expect(countPutOff(db, 'e')).toBe(3);
  db.close();
});
