import { expect, test } from 'vitest';
import { brokerConfig, handshakesFirst } from '#backend/broker/broker-config.ts';
import { releaseFor } from '#backend/broker/release.ts';
import { fileLimit } from '#backend/broker/store-size.ts';
import { drift, wantedStreams } from '#backend/broker/stream-config.ts';
import { compareVersions, isNewEnough, parseVersion } from '#backend/broker/version.ts';

test.each([
  ['nats-server: v2.15.1', [2, 15, 1]],
  ['2.10.27-1+b2', [2, 10, 27]],
  ['v2.12.0-RC.2', [2, 12, 0]],
  ['gnatsd', undefined],
  ['', undefined],
])('the version in %j', (text, version) => {
  expect(parseVersion(text)).toEqual(version);
});

test('2.10.23 is new enough, and versions are compared as numbers', () => {
  expect(['2.10.23', '2.10.100', '2.11.0', '3.0.0'].map(isNewEnough)).toEqual([true, true, true, true]);
  expect(['2.10.22', '2.9.25', '1.99.99', ''].map(isNewEnough)).toEqual([false, false, false, false]);
  expect(compareVersions([2, 9, 0], [2, 10, 0])).toBeLessThan(0);
});

test.each([
  ['linux', 'x64', 'nats-server-v2.15.0-linux-amd64.tar.gz'],
  ['linux', 'arm64', 'nats-server-v2.15.0-linux-arm64.tar.gz'],
  ['darwin', 'x64', 'nats-server-v2.15.0-darwin-amd64.tar.gz'],
  ['darwin', 'arm64', 'nats-server-v2.15.0-darwin-arm64.tar.gz'],
  ['win32', 'x64', 'nats-server-v2.15.0-windows-amd64.zip'],
  ['win32', 'arm64', 'nats-server-v2.15.0-windows-arm64.zip'],
] as const)('the official release for %s %s is pinned', (platform, arch, archive) => {
  expect(releaseFor(platform, arch)).toMatchObject({ archive, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('there is no release for other machines', () => {
  expect(releaseFor('linux', 'ppc64')).toBeUndefined();
  expect(releaseFor('freebsd', 'x64')).toBeUndefined();
});

test('a path with quotes and backslashes is one string in the configuration', () => {
  const config = brokerConfig({
    host: '::1',
    port: -1,
    serverName: 'n',
    storeDir: 'C:\\a "b"',
    syncInterval: 'always',
    portsDir: 'p',
    logFile: 'l',
  });
  expect(config).toContain('store_dir: "C:\\\\a \\"b\\""');
  expect(config).toContain('sync_interval: "always"');
});

test('on port 443 a client may begin with TLS, as firewalls expect there, and nowhere else', () => {
  const config = { host: '::', port: 443, serverName: 'n', storeDir: 's', syncInterval: 'always', portsDir: 'p', logFile: 'l' };
  const at = (port: number) => brokerConfig({ ...config, port, tls: { file: 'f', handshakeFirst: handshakesFirst({ port }) } });
  expect(at(443)).toMatch(/handshake_first: (?!false)/);
  expect(at(4222)).not.toMatch(/handshake_first: (?!false)/);
});

test('what the store holds already counts as room: a restart comes to the same limit', () => {
  expect(fileLimit(100, 0)).toBe(fileLimit(60, 40));
});

test('sizes shrink together', () => {
  const [whole, quarter] = [wantedStreams(1), wantedStreams(1, 0.25)];
  expect(quarter.map(({ max_bytes }) => max_bytes * 4)).toEqual(whole.map(({ max_bytes }) => max_bytes));
});

test('drift names what differs, and what the broker leaves out is false', () => {
  const wanted = wantedStreams(1)[0]!;
  const { deny_delete: _left, ...there } = { ...wanted, extra: 1 };
  expect(drift(there, wanted)).toEqual([]);
  expect(drift({ ...there, max_consumers: -1, subjects: ['x'] }, wanted).sort()).toEqual(['max_consumers', 'subjects']);
});
