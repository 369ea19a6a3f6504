import { expect, test } from 'vitest';
import { afterUpdate, barredAgain, beforeUpdate } from '#core/agent/update/decide.ts';
import { parseHostState } from '#core/agent/update/host-state.ts';
import { NOTHING_TRIED, servedVersions, triedSerial, withTried } from '#core/agent/update/update-state.ts';

const host = (...barred: string[]) => ({ current: '1.0.0', previous: '', trial: false, barred });

test('an update that has not begun ends where that version runs already, or a higher one', () => {
  expect(beforeUpdate('1.1.0', '1.1.0')).toMatchObject({ outcome: 'succeeded' });
  expect(beforeUpdate('1.10.0', '1.9.0')).toMatchObject({ outcome: 'skipped', reason: 'newer_version' });
  expect(beforeUpdate('1.9.0', '1.10.0')).toBeUndefined();
});

test('a version that failed is taken again only as a release that was signed later', () => {
  expect(barredAgain(host('1.1.0'), { version: '1.1.0', serial: 7 }, 7)).toMatchObject({ outcome: 'failed', reason: 'update_barred' });
  expect(barredAgain(host('1.1.0'), { version: '1.1.0', serial: 7 }, undefined)).toMatchObject({ reason: 'update_barred' });
  expect(barredAgain(host('1.1.0'), { version: '1.1.0', serial: 8 }, 7)).toBeUndefined();
  expect(barredAgain(host('1.1.0'), { version: '1.2.0', serial: 1 }, undefined)).toBeUndefined();
});

test.each([
  ['the new version', '1.1.0', host(), { outcome: 'succeeded' }],
  ['a still newer one', '1.2.0', host(), { outcome: 'skipped', reason: 'newer_version' }],
  ['the old one, which the host took back', '1.0.0', host('0.9.0', '1.1.0'), { outcome: 'failed', reason: 'update_rolled_back' }],
  ['the old one, and the host tells no story', '1.0.0', host('0.9.0'), { outcome: 'failed', reason: 'update_not_taken' }],
  ['the old one, without any host', '1.0.0', undefined, { outcome: 'failed', reason: 'update_not_taken' }],
])('what runs after the hand-over is %s', (_, own, state, end) => {
  expect(afterUpdate(own, '1.1.0', state)).toMatchObject(end);
});

test('the state of the host is read as the host writes it, and otherwise not at all', () => {
  const text = 'current 1.1.0\nprevious 1.0.0\ntrial 1\nmust-connect 1\ncrashes 0\ncontact 1795910400\n';
  expect(parseHostState(text)).toEqual({ current: '1.1.0', previous: '1.0.0', trial: true, barred: [] });
  expect(parseHostState(`${text}barred 0.9.0\nbarred 1.2.0\n`)).toMatchObject({ barred: ['0.9.0', '1.2.0'] });
  expect(parseHostState(text.replace('previous 1.0.0', 'previous '))).toMatchObject({ current: '1.1.0' });
  for (const wrong of ['', text.slice(1), `${text}more\n`, text.replace('1.1.0', '1.1'), `${text}barred ..\n`]) {
    expect(parseHostState(wrong)).toBeUndefined();
  }
});

test('of a version that was tried twice the last signing counts, and as many are remembered as the host bars', () => {
  let state = withTried(withTried(NOTHING_TRIED, '1.0.0', 1), '1.0.0', 2);
  expect(state.tried).toEqual([{ version: '1.0.0', serial: 2 }]);
  for (let n = 1; n <= 16; n++) state = withTried(state, `1.0.${n}`, n);
  expect(state.tried).toHaveLength(16);
  expect(triedSerial(state, '1.0.0')).toBeUndefined();
  expect(triedSerial(state, '1.0.16')).toBe(16);
});

test('of what was laid down here goes what neither runs nor could run again, and nothing that an installer laid down', () => {
  const tried = ['1.1.0', '1.2.0', '1.3.0', '1.4.0'].map((version, serial) => ({ version, serial }));
  expect(servedVersions({ tried }, '1.3.0', { current: '1.3.0', previous: '1.2.0' })).toEqual(['1.1.0', '1.4.0']);
  expect(servedVersions({ tried }, '1.2.0', { current: '', previous: '' })).toEqual(['1.1.0', '1.3.0', '1.4.0']);
});
