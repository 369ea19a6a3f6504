import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Catalogue, LISTED_MAX, type SectionEntry } from '#backend/inventory/catalogue.ts';
import { Slices } from '#backend/inventory/slices.ts';
import { SCHEMA } from '#backend/projectors/schema.ts';
import { Writer } from '#backend/projectors/writer.ts';
import { encode } from '#core/contract/codec.ts';
import { INVENTORY_NAMES_MAX, type InventoryData } from '#core/contract/inventory.ts';
import { subjects } from '#core/contract/subjects.ts';
import { inventoryOf } from '#tests/support/inventory.ts';

const HOUR = 3_600_000;

function fleet(mono?: () => number) {
  const db = new Sqlite(':memory:').exec(SCHEMA);
  const writer = new Writer(db);
  const pcs = new Set<string>();
  let now = 0;
  let seq = 0;
  const catalogue = new Catalogue({ db, slices: new Slices(() => 0), enrolled: () => pcs, mono: mono ?? (() => now) });
  return {
    catalogue,
    pcs,
    later: (ms: number) => {
      now += ms;
    },
    say: (pc: string, section: string, data: InventoryData) => {
      pcs.add(pc);
      const bytes = encode(inventoryOf(pc, section, data));
      const place = { stream: 'INVENTORY' as const, seq: ++seq, recorded: seq, subject: subjects.inventory(pc, section) };
      writer.commit('INVENTORY', [{ place, fact: { kind: 'unread' }, bytes }], seq);
    },
  };
}

const itemsOf = async (page: Promise<Uint8Array>) => (JSON.parse(Buffer.from(await page).toString()) as { items: SectionEntry[] }).items;

test('the list is bounded: invented sections and fields of single PCs give way to what the most have', async () => {
  const { catalogue, say } = fleet();
  for (let pc = 0; pc < 5; pc++) {
    for (let n = 0; n < 60; n++) say(`PC${pc}`, `aa_${pc}_${n}`, { n });
    for (let from = 0; from < 4; from++) {
      const invented = Array.from({ length: 100 }, (_, n) => [`a_${pc}_${from}_${n}`, 1]);
      say(`PC${pc}`, `zz_real_${from}`, [Object.fromEntries([...invented, ['wear', pc]]), { wear: 10 + pc }]);
    }
    say(`PC${pc}`, 'os', { build: pc });
  }
  const items = await itemsOf(catalogue.all());
  expect(items).toHaveLength(LISTED_MAX + 1);
  const real = items.filter(({ section }) => section.startsWith('zz_real'));
  expect(real.map(({ pcs, fields }) => [pcs, fields.length, fields.includes('wear')])).toEqual(
    Array.from({ length: 4 }, () => [5, INVENTORY_NAMES_MAX, true]),
  );
  const left = Array.from({ length: 60 }, (_, n) => `aa_4_${n}`).find((name) => items.every(({ section }) => section !== name))!;
  expect(await itemsOf(catalogue.one(left))).toEqual([{ section: left, custom: true, pcs: 1, fields: ['n'] }]);
});

test('one section is found however its name is written, and one that is not there is none', async () => {
  const { catalogue, say, pcs } = fleet();
  say('PC1', 'local_admins', [{ sid: 'S-1' }]);
  say('PC2', 'mine', { n: 1 });
  pcs.delete('PC2');
  for (const name of ['local_admins', 'LocalAdmins', 'LOCALADMINS']) {
    expect(await itemsOf(catalogue.one(name))).toEqual([{ section: 'local_admins', custom: false, pcs: 1, fields: ['sid'] }]);
  }
  expect(await itemsOf(catalogue.one('mine'))).toEqual([]);
});

test('what is told is made once until something has changed, or an hour has passed', async () => {
  const { catalogue, say, later } = fleet();
  say('PC1', 'os', { build: 1 });
  const first = await catalogue.all();
  say('PC1', 'os', { build: 1, name: 'x' });
  expect(await catalogue.all()).toBe(first);
  later(1);
  catalogue.touch(['os']);
  const second = await itemsOf(catalogue.all());
  expect(second[0]!.fields).toEqual(['build', 'name']);
  say('PC1', 'tpm', { present: true });
  later(HOUR);
  expect((await itemsOf(catalogue.all())).map(({ section }) => section)).toEqual(['os', 'tpm']);
});

test('what was asked for by itself a moment ago does not keep the list as it was', async () => {
  let now = 0;
  const { catalogue, say } = fleet(() => now++);
  say('PC1', 'os', { build: 1 });
  await catalogue.one('os');
  say('PC1', 'os', { build: 1, name: 'x' });
  catalogue.touch(['os']);
  expect((await itemsOf(catalogue.all()))[0]!.fields).toEqual(['build', 'name']);
});
