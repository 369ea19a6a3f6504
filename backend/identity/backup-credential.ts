import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createUser } from '@nats-io/nkeys';
import type { AccountSigner } from './claims.ts';

/** Seconds. */
const COUNTS_FOR = 3600;

/** All that backing up streams and putting back missing ones asks for. Who has it reads everything and changes nothing that is there. */
const ALLOWED = [
  '$JS.API.INFO',
  '$JS.API.STREAM.NAMES',
  '$JS.API.STREAM.LIST',
  '$JS.API.STREAM.INFO.*',
  '$JS.API.STREAM.SNAPSHOT.*',
  '$JS.API.STREAM.RESTORE.*',
  '$JS.SNAPSHOT.ACK.>',
  '$JS.SNAPSHOT.RESTORE.>',
];

/** A `.creds` file of the NATS tools, for an hour. `now` in milliseconds since 1970. */
export async function backupCredential({ account, signer }: AccountSigner, now: number): Promise<Uint8Array> {
  const key = createUser();
  const claims = { pub: { allow: ALLOWED }, sub: { allow: ['_INBOX.>'] }, allowed_connection_types: ['STANDARD' as const] };
  const jwt = await encodeUser('backup', key, account, claims, { signer, exp: Math.floor(now / 1000) + COUNTS_FOR });
  return fmtCreds(jwt, key);
}
