import { expect, test } from 'vitest';
import { timeZone } from '#core/agent/platform/time-zone.ts';

const ofIntl = Intl.DateTimeFormat().resolvedOptions().timeZone;
const nothing = () => {
  throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
};

test('the time zone is what TZ names', () => {
  expect(timeZone({ TZ: 'Asia/Tokyo' }, () => '/usr/share/zoneinfo/Europe/Berlin')).toBe('Asia/Tokyo');
});

test('without TZ it is what the system links to', () => {
  expect(timeZone({}, () => '/usr/share/zoneinfo/Europe/Berlin')).toBe('Europe/Berlin');
  expect(timeZone({}, () => '../usr/share/zoneinfo/posix/America/Argentina/Buenos_Aires')).toBe('America/Argentina/Buenos_Aires');
  expect(timeZone({}, () => '/usr/share/zoneinfo/Etc/GMT+5')).toBe('Etc/GMT+5');
});

test('whatever else there is, Intl reads it', () => {
  expect(timeZone({}, nothing)).toBe(ofIntl);
  expect(timeZone({}, () => '/somewhere/else')).toBe(ofIntl);
  expect(timeZone({ TZ: ':/etc/localtime' }, () => '/usr/share/zoneinfo/Europe/Berlin')).toBe(ofIntl);
});
