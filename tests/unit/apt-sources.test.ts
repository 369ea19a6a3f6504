import { expect, test } from 'vitest';
import { parseDeb822, parseOneLine, systemSource, withSuite } from '#backend/broker/apt-sources.ts';

const SOURCES = `# The archive
Types: deb deb-src
URIs: http://mirror.example/debian
# a remark
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
`;

test('a .sources stanza: the suite replaced, the key and the mirror kept, nothing but packages', () => {
  const source = systemSource(parseDeb822(SOURCES), 'bookworm')!;
  expect(withSuite(source, 'testing').trim().split('\n')).toEqual([
    'types: deb',
    'uris: http://mirror.example/debian',
    'suites: testing',
    'components: main contrib',
    'signed-by: /usr/share/keyrings/debian-archive-keyring.gpg',
    'targets: Packages',
  ]);
});

test('a key inside the stanza comes out line for line', () => {
  const key = 'Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINBF\n -----END PGP PUBLIC KEY BLOCK-----';
  const source = systemSource(parseDeb822(`Types: deb\nURIs: http://m/debian\nSuites: trixie\nComponents: main\n${key}\n`), 'trixie')!;
  expect(withSuite(source, 'unstable')).toContain(key.replace('Signed-By:', 'signed-by: '));
});

test('a .list line: options, the key among them, become fields', () => {
  const list = `
# deb http://mirror.example/old bookworm main
deb-src http://mirror.example/debian bookworm main
deb [arch=amd64,arm64 signed-by=/etc/apt/keyrings/k.gpg] http://mirror.example/debian bookworm main contrib # ours
`;
  const source = systemSource(parseOneLine(list), 'bookworm')!;
  const stanza = withSuite(source, 'testing');
  expect(stanza).toContain('uris: http://mirror.example/debian\n');
  expect(stanza).toContain('suites: testing\n');
  expect(stanza).toContain('components: main contrib\n');
  expect(stanza).toContain('architectures: amd64 arm64\n');
  expect(stanza).toContain('signed-by: /etc/apt/keyrings/k.gpg\n');
});

test('a disabled stanza, one of another release, and source code are not the archive of this system', () => {
  const disabled = 'Enabled: no\nTypes: deb\nURIs: http://m\nSuites: bookworm\n';
  expect(systemSource(parseDeb822(disabled), 'bookworm')).toBeUndefined();
  expect(systemSource(parseDeb822(SOURCES), 'trixie')).toBeUndefined();
  expect(systemSource(parseDeb822('Types: deb-src\nURIs: http://m\nSuites: bookworm\n'), 'bookworm')).toBeUndefined();
});
