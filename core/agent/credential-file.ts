import { readFileSync } from 'node:fs';
import { object, string } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import type { Credential } from '#core/nats/connection.ts';

const Kept = object({ jwt: string(), seed: string() });

/** The identity in `path`, read anew each time; while it cannot be read, the one before. Throws when there never was one. */
export function credentialIn(path: string): () => Credential {
  let last = read(path);
  return () => {
    try {
      last = read(path);
    } catch {
      // Being replaced at this very moment, or gone: what counted until now may still open the door.
    }
    return last;
  };
}

function read(path: string): Credential {
  const { jwt, seed } = decode(Kept, readFileSync(path));
  return { jwt, seed: new TextEncoder().encode(seed) };
}
