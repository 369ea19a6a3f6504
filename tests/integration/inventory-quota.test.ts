import { beforeAll, expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { INVENTORY_CUSTOM_MAX } from '#core/contract/inventory.ts';
import { subjectsOf } from '#core/nats/jetstream.ts';
import { inventory, inventoryRead, osOf } from '#tests/support/inventory.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { raw } from '#tests/support/projection.ts';
import { enrolOff } from '#tests/support/registry.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile();

beforeAll(() => enrolOff(nats, ['FLOOD', 'EARLIER', 'HONEST'], kanade.backend));

const held = (pc: string) => subjectsOf(nats, 'INVENTORY', `inventory.${pc}.>`);
const section = async (pc: string, name: string) => (await kanade.backend.get(`/agents/${pc}/inventory/${name}`)).data;

test('a PC that invents sections cannot fill the stream: what is too much goes from it, and it is said', async () => {
  await inventory(nats, 'FLOOD', 'os', osOf(1));
  for (let n = 0; n < INVENTORY_CUSTOM_MAX; n++) await inventory(nats, 'FLOOD', `own_${n}`, { n });
  const first = await held('FLOOD');
  await Promise.all(Array.from({ length: 300 }, (_, n) => inventory(nats, 'FLOOD', `invented_${n}`, { n })));
  await raw(nats, 'inventory.flood.os', encode('junk'));
  await raw(nats, 'inventory.FLOOD.No-Section', encode('junk'));
  await inventory(nats, 'HONEST', 'invented_1', { n: 1 });
  await until('it is as it was', async () => (await held('FLOOD')).length === first.length && (await held('flood')).length === 0);
  expect((await held('FLOOD')).sort()).toEqual(first.sort());
  const [event] = await until('it is said', async () => {
    const { items } = await kanade.backend.get('/events?kind=over_quota');
    return items.length > 0 && items;
  });
  expect(event).toMatchObject({ pc_id: 'FLOOD', code: 'inventory_full' });
  await inventory(nats, 'FLOOD', 'own_3', { n: 33 });
  await inventoryRead(nats, kanade.backend);
  expect(await section('FLOOD', 'own_3')).toEqual({ n: 33 });
  expect(await section('FLOOD', 'os')).toEqual(osOf(1));
  expect(await section('HONEST', 'invented_1')).toEqual({ n: 1 });
  const letters = (await kanade.backend.get('/dead-letters?stream=INVENTORY&limit=500')).items;
  expect(letters).toHaveLength(100);
  expect(letters.some(({ code }: Json) => code === 'inventory_full')).toBe(true);
});

test('what was left in the stream by a holder that ended is removed by the next', async () => {
  await kanade.backend.process.kill();
  for (let n = 0; n < INVENTORY_CUSTOM_MAX + 5; n++) await inventory(nats, 'EARLIER', `own_${n}`, { n });
  kanade.backend = await kanade.startBackend();
  await until('the surplus is gone', async () => (await held('EARLIER')).length === INVENTORY_CUSTOM_MAX);
});
