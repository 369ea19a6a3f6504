import { join } from 'node:path';
import { createAccount, createOperator, fromSeed, type KeyPair } from '@nats-io/nkeys';
import { type Infer, object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere, readOrMake } from '#core/files/read-if-there.ts';
import type { Protection } from './protection.ts';
import { signingNkey } from './signing-nkey.ts';

/**
 * The private keys that the broker's trust hangs on. The operator signs accounts; the broker trusts whoever it signs. The
 * system account watches and instructs servers, `backends` holds the streams, `pcs` all PCs, whose JWTs `pcs_signing` signs.
 */
export interface BrokerKeys {
  operator: KeyPair;
  system: KeyPair;
  backends: KeyPair;
  pcs: KeyPair;
  pcsSigning: KeyPair;
}

const Seeds = object({ operator: string(), system: string(), backends: string(), pcs: string(), pcs_signing: string() });
type Seeds = Infer<typeof Seeds>;

const FILE = 'broker-keys.json';

/** `<data>/identity`. */
export function identityFolder(dataDir: string): string {
  return join(dataDir, 'identity');
}

/**
 * The keys in `folder`, made when there are none. All lie in one file, so that there are all or none. `identity_unreadable`
 * when what is there cannot be understood: new ones in its place would lock every PC out.
 */
export async function brokerKeys(folder: string, protection: Protection): Promise<BrokerKeys> {
  return readOrMake(
    folder,
    () => read(folder, protection),
    () => make(folder, protection),
  );
}

async function make(folder: string, protection: Protection): Promise<BrokerKeys> {
  const keys: BrokerKeys = {
    operator: signingNkey(createOperator()),
    system: signingNkey(createAccount()),
    backends: signingNkey(createAccount()),
    pcs: signingNkey(createAccount()),
    pcsSigning: signingNkey(createAccount()),
  };
  await atomicWrite(join(folder, FILE), await protection.wrap(encode(seedsOf(keys))));
  return keys;
}

/** Whether this data folder has identities. */
export async function hasBrokerKeys(folder: string, protection: Protection): Promise<boolean> {
  return (await read(folder, protection)) !== undefined;
}

async function read(folder: string, protection: Protection): Promise<BrokerKeys | undefined> {
  const path = join(folder, FILE);
  try {
    const kept = await readIfThere(path);
    if (kept === undefined) return undefined;
    const seeds = decode(Seeds, await protection.unwrap(kept));
    return {
      operator: keyOf(seeds.operator, 'O'),
      system: keyOf(seeds.system, 'A'),
      backends: keyOf(seeds.backends, 'A'),
      pcs: keyOf(seeds.pcs, 'A'),
      pcsSigning: keyOf(seeds.pcs_signing, 'A'),
    };
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function unreadable(path: string, cause: unknown): KanadeError {
  return new KanadeError(
    'identity_unreadable',
    `${path} holds the keys of this installation and cannot be read (${messageOf(cause)}): put it back from a backup`,
    { cause },
  );
}

function keyOf(seed: string, kind: 'O' | 'A'): KeyPair {
  const key = signingNkey(fromSeed(new TextEncoder().encode(seed)));
  if (!key.getPublicKey().startsWith(kind)) throw new KanadeError('bad_message', `a key is not of kind ${kind}`);
  return key;
}

function seedsOf(keys: BrokerKeys): Seeds {
  const seed = (key: KeyPair) => new TextDecoder().decode(key.getSeed());
  return {
    operator: seed(keys.operator),
    system: seed(keys.system),
    backends: seed(keys.backends),
    pcs: seed(keys.pcs),
    pcs_signing: seed(keys.pcsSigning),
  };
}
