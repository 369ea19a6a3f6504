import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Pace } from '#backend/agents/pace.ts';
import { ASK_AGAIN, type AskAgainContext, askThoseThatLost } from '#backend/inventory/ask-again.ts';
import { forgetPurged } from '#backend/projectors/inventory/forget-purged.ts';
import { sectionOf } from '#backend/projectors/read/inventory.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import { lastToken, subjects } from '#core/contract/subjects.ts';
import { inventoryOf } from '#tests/support/inventory.ts';
import { quietLog } from '#tests/support/quiet-log.ts';

const { signal } = new AbortController();

/** A fleet of which some are online, and whose answers nobody needs. */
function fleet(online: string[], collected: string[]) {
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const writer = new Writer(db);
  const asked: [string, unknown][] = [];
  let seq = 0;
  let now = 0;
  const request = async (subject: string, body: Uint8Array) => {
    expect(lastToken(subject)).toBe('inventory');
    asked.push([subject.split('.')[1]!, JSON.parse(Buffer.from(body).toString()).known]);
    return { status: 0, data: encode({ sections: [] }) };
  };
  const beats = {
    online: (pc: string) => online.includes(pc),
    get: (pc: string) => ({ heartbeat: collected.includes(pc) ? { inventory_at: '2026-11-21T10:00:00Z' } : {} }),
  };
  const enrolled = new Set(['PC1', 'PC2', 'PC3', 'PC4']);
  const clock = () => now;
  const ctx = { nats: { request, connected: true }, db, agents: { enrolled: () => enrolled, beats }, clock, log: quietLog };
  const pace = new Pace(ASK_AGAIN, clock);
  return {
    db,
    say: (pc: string, section: string) => {
      const body = inventoryOf(pc, section, { n: 1 });
      const place = { stream: 'INVENTORY' as const, seq: ++seq, recorded: seq, subject: subjects.inventory(pc, section) };
      writer.commit('INVENTORY', [{ place, fact: { kind: 'unread' }, bytes: encode(body) }], seq);
      return body.hash;
    },
    look: async () => {
      asked.length = 0;
      await askThoseThatLost(ctx as unknown as AskAgainContext, pace, signal);
      return asked;
    },
    later: (ms: number) => {
      now += ms;
    },
  };
}

test('who has said what the stream has lost is asked to say it again, once a day, when it is online', async () => {
  const { db, say, look, later } = fleet(['PC1', 'PC2', 'PC4'], ['PC1', 'PC2', 'PC3']);
  say('PC1', 'os');
  say('PC1', 'own');
  say('PC2', 'os');
  say('PC3', 'os');
  expect(await look()).toEqual([]);
  const hash = say('PC1', 'tpm');
  say('PC2', 'os');
  // All but the last two messages: os of PC1 and of PC3 went, and a custom section.
  expect(forgetPurged(db, 5)).toBe(3);
  expect(await look()).toEqual([['PC1', { tpm: hash }]]);
  expect(sectionOf(db, 'PC1', 'os')).toMatchObject({ shape: 'object' });
  expect(await look()).toEqual([]);
  later(ASK_AGAIN);
  expect(await look()).toHaveLength(1);
  later(ASK_AGAIN);
  say('PC1', 'os');
  expect(await look()).toEqual([]);
});

test('who has collected, and of whom nothing is here at all, is asked too', async () => {
  const { say, look } = fleet(['PC1', 'PC2', 'PC4'], ['PC1', 'PC2', 'PC3']);
  say('PC2', 'os');
  expect(await look()).toEqual([['PC1', {}]]);
});
