import { describe, expect, it } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import type { KanadeError } from '#core/contract/errors.ts';
import { keyIdOf } from '#core/contract/seal.ts';
import { compareVersions, isVersion } from '#core/contract/version.ts';
import { openEnvelope } from '#core/release/envelope.ts';
import type { ReleaseManifest } from '#core/release/manifest.ts';
import { type VerifyRelease, verifyRelease } from '#core/release/verify.ts';
import { EXPIRES_AT, envelopeOf, manifestOf, releaseKey, SIGNED_AT } from '#tests/support/release.ts';

const key = releaseKey();
const stranger = releaseKey();
const contents = { 'node.exe': 'node', 'agent.mjs': 'agent', 'module/Kanade.psd1': 'module' };
const manifest = manifestOf(contents);
const envelope = envelopeOf(manifest, key);

function verify(change: Partial<VerifyRelease> = {}): ReleaseManifest {
  return verifyRelease({
    envelope,
    keys: [key.public],
    now: SIGNED_AT,
    running: { version: '1.0.0' },
    newestSerial: undefined,
    platform: 'win-x64',
    ...change,
  });
}

function codeOf(change: Partial<VerifyRelease>): string {
  try {
    verify(change);
    return 'ok';
  } catch (error) {
    return (error as KanadeError).code;
  }
}

const signed = (change: Partial<Record<keyof ReleaseManifest, unknown>>) => ({ envelope: envelopeOf({ ...manifest, ...change }, key) });
const parsed = () =>
  JSON.parse(Buffer.from(envelope).toString()) as { payload: string; payloadType: string; signatures: { keyid?: string; sig: string }[] };

describe('a release', () => {
  it('is taken as it was signed', () => {
    expect(verify()).toEqual(manifest);
  });

  it.each<[string, Partial<VerifyRelease>, string]>([
    ['of a key nobody here believes', { keys: [stranger.public] }, 'release_untrusted'],
    ['where nobody is believed', { keys: [] }, 'release_untrusted'],
    ['of another product', signed({ product: 'kanade-backend' }), 'release_wrong_product'],
    ['for another platform', { platform: 'linux-x64' }, 'release_wrong_platform'],
    ['that is over, shown to hold newer ones back', { now: EXPIRES_AT }, 'release_expired'],
    ['a millisecond before its end', { now: EXPIRES_AT - 1 }, 'ok'],
    ['of an older signing than was seen', { newestSerial: manifest.serial + 1 }, 'release_replayed'],
    ['of the signing that was seen, tried again', { newestSerial: manifest.serial }, 'ok'],
    ['that runs already', { running: { version: '1.1.0' } }, 'release_not_newer'],
    ['lower than the one that runs', { running: { version: '1.1.1' } }, 'release_rollback'],
    ['lower than one that has run', { running: { version: '1.0.0', highestProven: '1.2.0' } }, 'release_rollback'],
    ['that ran here before', { running: { version: '1.0.0', highestProven: '1.1.0' } }, 'ok'],
  ])('%s', (_, change, code) => {
    expect(codeOf(change)).toBe(code);
  });

  it('is refused when anything of it was altered', () => {
    const other = Buffer.from(JSON.stringify({ ...manifest, version: '9.9.9' })).toString('base64');
    expect(codeOf({ envelope: encode({ ...parsed(), payload: other }) })).toBe('release_forged');
    expect(codeOf({ envelope: encode({ ...parsed(), payloadType: 'text/plain' }) })).toBe('release_forged');
    const [signature] = parsed().signatures;
    expect(codeOf({ envelope: encode({ ...parsed(), signatures: [{ ...signature, sig: 'AAAA' }] }) })).toBe('release_forged');
    expect(codeOf({ envelope: encode({ ...parsed(), signatures: [] }) })).toBe('release_untrusted');
  });

  it('of a stranger in the name of a believed key is a forgery', () => {
    const [own] = JSON.parse(Buffer.from(envelopeOf(manifest, stranger)).toString()).signatures;
    const forged = encode({ ...parsed(), signatures: [{ ...own, keyid: keyIdOf(key.public) }] });
    expect(codeOf({ envelope: forged })).toBe('release_forged');
  });

  it('may be signed by several: one of them has to be believed, and the id is only a hint', () => {
    const both = envelopeOf(manifest, stranger, key);
    expect(codeOf({ envelope: both })).toBe('ok');
    expect(codeOf({ envelope: both, keys: [stranger.public] })).toBe('ok');
    expect(openEnvelope(both, [stranger.public, key.public]).signedBy.sort()).toEqual(
      [keyIdOf(stranger.public), keyIdOf(key.public)].sort(),
    );
    const { signatures, ...rest } = parsed();
    expect(codeOf({ envelope: encode({ ...rest, signatures: signatures.map(({ sig }) => ({ sig })) }) })).toBe('ok');
  });

  it.each<[string, Partial<VerifyRelease>]>([
    ['no JSON', { envelope: new Uint8Array([123]) }],
    ['no envelope', { envelope: encode({ payload: 1 }) }],
    ['an envelope beyond all measure', { envelope: new Uint8Array(2_000_000) }],
    ['seventeen signatures', { envelope: encode({ ...parsed(), signatures: Array(17).fill(parsed().signatures[0]) }) }],
    ['another format', signed({ format: 2 })],
    ['a version of two numbers', signed({ version: '1.1' })],
    ['a version that the host does not take', signed({ version: '1.1.70000' })],
    ['a serial that is no whole number', signed({ serial: 1.5 })],
    ['no end', signed({ expires: undefined })],
    ['an end before its beginning', signed({ expires: manifest.created })],
    ['no file', signed({ files: [] })],
    ['too many files', signed({ files: Array.from({ length: 2001 }, (_, i) => ({ ...manifest.files[0], path: `f${i}` })) })],
    ['a file beyond all measure', signed({ files: [{ ...manifest.files[0], size: 2 ** 40 }] })],
    [
      'files beyond all measure together',
      signed({ files: ['a', 'b', 'c'].map((path) => ({ ...manifest.files[0], path, size: 200 * 1024 * 1024 })) }),
    ],
    ['a hash that is none', signed({ files: [{ ...manifest.files[0], sha256: 'abc' }] })],
  ])('is refused as malformed: %s', (_, change) => {
    expect(codeOf(change)).toBe('release_malformed');
  });

  it.each([
    '',
    '..',
    '../agent.mjs',
    'module/../../agent.mjs',
    '/etc/passwd',
    'C:/Windows/System32/cmd.exe',
    'C:agent.mjs',
    'module\\agent.mjs',
    'module//agent.mjs',
    './agent.mjs',
    'agent.mjs.',
    'agent.mjs ',
    'module./x',
    'agent.mjs:stream',
    'CON',
    'nul.txt',
    'module/Lpt1.ps1',
    'PROGRA~1',
    'a\nb',
    'wei\u00df.txt',
    'a'.repeat(161),
    'release.json',
    'RELEASE.JSON',
    'release.json/x',
  ])('is refused with a file at %j', (path) => {
    expect(codeOf(signed({ files: [{ ...manifest.files[0], path }] }))).toBe('release_malformed');
  });

  it.each([
    [['agent.mjs', 'Agent.mjs']],
    [['module/a', 'MODULE/A']],
    [['module', 'module/a']],
    [['Module/a/b', 'module/A']],
  ])('is refused with files that are one to Windows: %j', (paths) => {
    expect(codeOf(signed({ files: paths.map((path) => ({ ...manifest.files[0], path })) }))).toBe('release_malformed');
  });

  it('may hold what packages are named like', () => {
    const paths = ['node_modules/@scope/a+b/index.d.ts', 'module/en-US/Kanade (1).xml', '.config', 'console.txt', 'comma/a_b-c.ps1'];
    expect(codeOf(signed({ files: paths.map((path) => ({ ...manifest.files[0], path })) }))).toBe('ok');
  });
});

describe('a version', () => {
  it('is what the host takes as one', () => {
    expect(['0.1.0', '1.2.3', '65535.0.65535'].filter(isVersion)).toHaveLength(3);
    expect(['1.2', '1.2.3.4', '01.2.3', '1.2.65536', '1.2.-3', ' 1.2.3', '1.2.3\n', 123].filter(isVersion)).toEqual([]);
  });

  it('is compared by its numbers', () => {
    expect(['1.10.0', '1.9.9', '0.1.0', '1.9.10', '2.0.0'].sort(compareVersions)).toEqual(['0.1.0', '1.9.9', '1.9.10', '1.10.0', '2.0.0']);
    expect(compareVersions('1.2.3', '1.2.3')).toBe(0);
  });
});
