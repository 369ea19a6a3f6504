import { expect, test } from 'vitest';
import { Refusals } from '#core/agent/report/refusals.ts';
import type { Reports } from '#core/agent/report/reports.ts';
import type { EventWriter } from '#core/process/event-log.ts';
import { quietLog } from '../support/quiet-log.ts';

/** What is reported, at a time of the test's own. */
function refusing() {
  const told: { detail?: string; subject?: string }[] = [];
  const time = { now: 0 };
  const disk = { works: true };
  const reports = {
    event: async (_kind: string, what: (typeof told)[number]) => {
      if (disk.works) told.push(what);
      return disk.works;
    },
  } as unknown as Reports;
  const events: string[] = [];
  const writeEvent: EventWriter = (name, facts) => void events.push(`${name} ${facts.code} ${facts.subject}`);
  const refusals = new Refusals({ reports, mono: () => time.now, writeEvent, log: quietLog });
  const command = (n: number) => refusals.report({ code: 'unsigned', detail: 'it is not signed', subject: `commands.all.e${n}` }, `e${n}`);
  return { told, events, time, disk, refusals, command };
}

test('a command is reported once, however often it is delivered', async () => {
  const { told, events, command } = refusing();
  expect(await command(1)).toBe(true);
  expect(await command(1)).toBe(true);
  expect(await command(2)).toBe(true);
  expect(told.map(({ subject }) => subject)).toEqual(['commands.all.e1', 'commands.all.e2']);
  expect(events).toEqual(['refused unsigned commands.all.e1', 'refused unsigned commands.all.e2']);
});

test('of a flood of commands a thousand an hour are reported, the last of them says so, and none is left undone for that', async () => {
  const { told, time, command } = refusing();
  for (let n = 0; n < 5000; n++) expect(await command(n)).toBe(true);
  expect(told).toHaveLength(1000);
  expect(told[998]!.detail).toBe('it is not signed');
  expect(told[999]!.detail).toMatch(/1000th within an hour/);
  time.now += 3_599_000;
  await command(6000);
  expect(told).toHaveLength(1000);
  time.now += 1000;
  await command(6001);
  expect(told[1000]).toMatchObject({ subject: 'commands.all.e6001', detail: 'it is not signed' });
});

test('what the disk did not take counts for nothing and is reported again', async () => {
  const { told, disk, command } = refusing();
  disk.works = false;
  for (let n = 0; n < 2000; n++) expect(await command(n)).toBe(false);
  disk.works = true;
  expect(await command(0)).toBe(true);
  expect(told).toHaveLength(1);
});

test('values are told once a minute for a subject and a code, and count among the thousand', async () => {
  const { told, time, refusals } = refusing();
  const value = (subject: string) => refusals.mention({ code: 'signature_invalid', detail: 'it was altered', subject });
  for (let n = 0; n < 10; n++) await value('$KV.config.freeze');
  expect(told).toHaveLength(1);
  time.now += 60_000;
  await value('$KV.config.freeze');
  expect(told).toHaveLength(2);
  for (let n = 0; n < 5000; n++) await value(`$KV.cancelled.e${n}.all`);
  expect(told).toHaveLength(1000);
});
