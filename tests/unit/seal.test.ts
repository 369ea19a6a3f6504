import { describe, expect, it } from 'vitest';
import type { KanadeError } from '#core/contract/errors.ts';
import { Keyring, keyIdOf, NEVER, SEAL_HEADERS, SealingKey } from '#core/contract/seal.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const HOUR = 3600_000;
const bytes = new TextEncoder().encode('{"script":"hostname"}');
const subject = 'commands.pc.PC1.e1';
const key = SealingKey.generate();
const until = new Date(NOW + HOUR).toISOString();

function codeOf(change: {
  subject?: string;
  bytes?: Uint8Array;
  headers?: Record<string, string | undefined>;
  now?: number;
  atMost?: number | undefined;
  expires?: string;
  ring?: Keyring;
}): string {
  const headers = { ...key.seal(subject, bytes, change.expires ?? until), ...change.headers };
  const ring = change.ring ?? new Keyring([{ publicKey: key.publicKey }]);
  const rules = { now: change.now ?? NOW, atMost: 'atMost' in change ? change.atMost : 24 * HOUR };
  try {
    ring.check(change.subject ?? subject, change.bytes ?? bytes, (name) => headers[name], rules);
    return 'ok';
  } catch (error) {
    return (error as KanadeError).code;
  }
}

describe('a seal', () => {
  it('counts for the subject, the bytes and the time it was made for', () => {
    expect(codeOf({})).toBe('ok');
  });

  it.each([
    ['another subject', { subject: 'commands.pc.PC2.e1' }, 'signature_invalid'],
    ['other bytes', { bytes: new TextEncoder().encode('{"script":"whoami"}') }, 'signature_invalid'],
    ['another expiry', { headers: { [SEAL_HEADERS.expires]: new Date(NOW + 2 * HOUR).toISOString() } }, 'signature_invalid'],
    ['no signature', { headers: { [SEAL_HEADERS.signature]: undefined } }, 'unsigned'],
    ['a signature that is none', { headers: { [SEAL_HEADERS.signature]: 'AAAA' } }, 'signature_invalid'],
    ['a time that is over', { now: NOW + HOUR }, 'signature_expired'],
    ['a time that is none', { expires: 'soon' }, 'signature_expired'],
    ['a time too far away', { expires: new Date(NOW + 48 * HOUR).toISOString() }, 'signature_too_long'],
    ['no end where there must be one', { expires: NEVER }, 'signature_too_long'],
    ['no end where that is right', { expires: NEVER, atMost: undefined }, 'ok'],
    ['a key nobody trusts', { ring: new Keyring([{ publicKey: SealingKey.generate().publicKey }]) }, 'unknown_key'],
    ['a key that is retired', { ring: new Keyring([{ publicKey: key.publicKey, retiredAt: NOW }]) }, 'retired_key'],
    ['a key that will be retired', { ring: new Keyring([{ publicKey: key.publicKey, retiredAt: NOW + 1 }]) }, 'ok'],
  ])('with %s: %#', (_, change, code) => {
    expect(codeOf(change)).toBe(code);
  });

  it('says of another key who it is from, and is not believed', () => {
    const other = SealingKey.generate();
    const forged = { ...other.seal(subject, bytes, until), [SEAL_HEADERS.key]: key.id };
    expect(codeOf({ headers: forged })).toBe('signature_invalid');
  });

  it('comes from a key that is kept as text and is the same afterwards', () => {
    const again = SealingKey.fromPem(key.toPem());
    expect(again.id).toBe(key.id);
    expect(keyIdOf(again.publicKey)).toBe(key.id);
    expect(again.seal(subject, bytes, until)).toEqual(key.seal(subject, bytes, until));
  });

  it('is made by Ed25519 keys only', () => {
    const rsa = '-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n';
    expect(() => SealingKey.fromPem(rsa)).toThrow();
  });
});
