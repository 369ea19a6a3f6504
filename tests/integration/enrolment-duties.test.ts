import { createUser } from '@nats-io/nkeys';
import { afterAll, expect, test } from 'vitest';
import { Durables } from '#backend/agents/durables.ts';
import { runEnrolmentDuties } from '#backend/enrolment/duties.ts';
import type { Issuer } from '#backend/enrolment/ports.ts';
import { startEnrolment } from '#backend/enrolment/start-enrolment.ts';
import { JoinCodes } from '#backend/joining/join-codes.ts';
import { encode } from '#core/contract/codec.ts';
import type { PendingEnrolment, StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvPut } from '#core/nats/kv.ts';
import { execContext } from '#tests/support/exec-context.ts';
import { keysOf } from '#tests/support/identity.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { until } from '#tests/support/until.ts';

const DAY = 86_400_000;
/** Nothing is signed in open mode, so that a test can write what a backend would have written. */
const { kanade, nats } = await kanadeOfFile();
const now = Date.now() + 100 * DAY;
let mono = 0;
const ctx = await execContext(
  kanade.broker.url,
  kanade.backend.dataDir,
  () => now,
  () => mono,
);
const stop = new AbortController();
afterAll(async () => {
  stop.abort();
  await ctx[Symbol.asyncDispose]();
});

const revoked: string[] = [];
const issuer: Issuer = {
  issue: () => Promise.reject(new Error('nobody asks for that here')),
  revoke: async ({ publicKey }) => void revoked.push(publicKey),
  isRevoked: (publicKey) => revoked.includes(publicKey),
};
const identity = { issuer, servers: [], commandKeys: () => [], otherApis: () => [] };
const keys = await keysOf(kanade.backend);
const enrolment = await startEnrolment(
  { nats: ctx.nats, keys, clock: () => now, log: quietLog, identity, ca: () => undefined },
  stop.signal,
);

async function entry(pc: string, more: Partial<AgentEntry>): Promise<string> {
  const public_key = createUser().getPublicKey();
  const at = instant(now - 50 * DAY);
  await kvPut(nats, 'agents', pc, encode({ pc_id: pc, enrolled_at: at, first_seen: at, last_seen: at, public_key, ...more }));
  return public_key;
}

async function stored(pc: string): Promise<AgentEntry> {
  return JSON.parse(Buffer.from((await kvGet(nats, 'agents', pc))!.value).toString());
}

test('the holder of the lease makes true what the registry says of keys, retires who was silent for too long, and keeps nothing for ever', async () => {
  const silent = await entry('SILENT', { ephemeral_days: 7 });
  const late = await entry('LATE', { ephemeral_days: 7, last_seen: instant(now - 6.9 * DAY) });
  const stays = await entry('STAYS', {});
  const former = createUser().getPublicKey();
  const taken = await entry('TAKEN', { former_keys: [former] });
  const stolen = await entry('STOLEN', { revoked_at: instant(now - DAY) });
  const gone = await entry('GONE', { retired_at: instant(now - DAY) });

  const token = (id: string, expires: number): StoredEnrolmentToken => ({
    id,
    hash: 'h',
    created_at: instant(now - 90 * DAY),
    created_by: 'admin',
    expires_at: instant(expires),
    used: 0,
    groups: [],
    needs_approval: false,
    replace: false,
  });
  for (const one of [token('old', now - 31 * DAY), token('over', now - DAY), token('good', now + DAY)])
    await kvPut(nats, 'enrolment_tokens', one.id, encode(one));
  const waiting = (days: number): PendingEnrolment => ({
    public_key: createUser().getPublicKey(),
    pc_id: 'WAITS',
    state: 'pending',
    reason: 'name_taken',
    requested_at: instant(now - days * DAY),
    token_id: 'good',
    groups: [],
  });
  const [forgotten, recent] = [waiting(31), waiting(29)];
  for (const one of [forgotten, recent]) await kvPut(nats, 'enrolments', one.public_key, encode(one));
  await until('all is known', () => ctx.agents.entry('GONE') && enrolment.tokens.get('good') && enrolment.pending.get(recent.public_key));
  // Whoever has listened for long enough knows who is off.
  mono = 90_000;

  const join = (id: string, expires: number) => ({
    id,
    hash: 'h',
    created_at: instant(now - 90 * DAY),
    created_by: 'admin',
    expires_at: instant(expires),
  });
  await kvPut(nats, 'join_codes', 'old', encode(join('old', now - 31 * DAY)));
  await kvPut(nats, 'join_codes', 'used', encode({ ...join('used', now - 31 * DAY), used_at: instant(now - DAY) }));
  const codes = new JoinCodes({ nats: ctx.nats, clock: () => now, log: quietLog });
  await codes.start(stop.signal);

  const durables = new Durables(ctx.nats, ctx.agents, () => undefined);
  const duties = runEnrolmentDuties({ ...ctx, durables, enrolment, joining: { codes } }, stop.signal);
  await until('the silent one is retired', async () => (await stored('SILENT')).retired_at);
  await until('what is old is gone', async () => (await kvGet(nats, 'enrolments', forgotten.public_key)) === undefined);
  expect(await stored('SILENT')).toMatchObject({ retired_by: 'ephemeral' });
  expect([(await stored('LATE')).retired_at, (await stored('STAYS')).retired_at]).toEqual([undefined, undefined]);
  // Its key as soon as it is retired; the others were the registry's word already.
  expect(new Set(revoked)).toEqual(new Set([former, stolen, gone, silent]));
  expect(revoked).not.toEqual(expect.arrayContaining([late, stays, taken]));
  expect(
    enrolment.tokens
      .list()
      .map(({ id }) => id)
      .sort(),
  ).toEqual(['good', 'over']);
  expect(await kvGet(nats, 'enrolments', recent.public_key)).toBeDefined();
  expect(await kvGet(nats, 'join_codes', 'old')).toBeUndefined();
  expect(await kvGet(nats, 'join_codes', 'used')).toBeDefined();
  await until('it is audited', async () => {
    const { items } = await kanade.backend.get('/audit?target=agents/SILENT&action=agent_retire');
    return items[0]?.actor === 'enrolment';
  });
  stop.abort();
  await duties;
});
