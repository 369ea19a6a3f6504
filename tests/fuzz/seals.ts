import { KanadeError } from '#core/contract/errors.ts';
import { Keyring, NEVER, SEAL_HEADERS, SealingKey } from '#core/contract/seal.ts';
import type { Target } from './finding.ts';
import { mutateBytes, pick, text, whole } from './generate.ts';

const KEYS = [SealingKey.generate(), SealingKey.generate()];
const RING = new Keyring(KEYS.map(({ publicKey }) => ({ publicKey })));
const NOW = 1.7e12;

/** A seal that was made for this very message counts; changed anywhere it does not, and nothing but a refusal comes of it. */
export const seals: Target = {
  name: 'seals',
  share: 0.1,
  width: 1,
  try(n, random, input) {
    const key = pick(random, KEYS);
    const subject = pick(random, ['commands.pc.PC1.e1', 'control.PC1.sync', '$KV.cancelled.e1']);
    const bytes = Buffer.from(text(random));
    const expires = random() < 0.5 ? NEVER : new Date(NOW + 60_000).toISOString();
    const headers = key.seal(subject, bytes, expires);
    const check = (about: string, data: Uint8Array, said: Record<string, string>) =>
      RING.check(about, data, (name) => said[name], { now: NOW, atMost: undefined });
    check(subject, bytes, headers);

    const changed = { subject, bytes: bytes as Buffer, headers: { ...headers } };
    const part = n % 5;
    if (part === 0) changed.subject = mutateBytes(Buffer.from(subject), random).toString();
    else if (part === 1) changed.bytes = mutateBytes(bytes, random);
    else {
      const name = pick(random, Object.values(SEAL_HEADERS));
      if (random() < 0.1) delete changed.headers[name];
      else changed.headers[name] = random() < 0.3 ? text(random) : mutateBytes(Buffer.from(headers[name]!), random).toString();
    }
    if (part === 4) changed.headers[SEAL_HEADERS.key] = KEYS[whole(random, 2)]!.id;
    input(JSON.stringify({ ...changed, bytes: changed.bytes.toString('base64') }));
    const same = sameSeal(changed.headers, headers) && changed.subject === subject && changed.bytes.equals(bytes);
    try {
      check(changed.subject, changed.bytes, changed.headers);
    } catch (error) {
      if (error instanceof KanadeError && !same) return;
      throw error;
    }
    if (!same) throw new Error('a seal counts for something else than it was made for');
  },
};

/** One signature can be spelled in several ways of base64. */
function sameSeal(a: Record<string, string>, b: Record<string, string>): boolean {
  const bytes = (headers: Record<string, string>) => Buffer.from(headers[SEAL_HEADERS.signature] ?? '', 'base64url');
  return a[SEAL_HEADERS.key] === b[SEAL_HEADERS.key] && a[SEAL_HEADERS.expires] === b[SEAL_HEADERS.expires] && bytes(a).equals(bytes(b));
}
