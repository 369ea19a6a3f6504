import { encodeUser, fmtCreds } from '@nats-io/jwt';
import { createUser } from '@nats-io/nkeys';
import type { AccountSigner } from './claims.ts';

/** Seconds. */
const COUNTS_FOR = 3600;

const LOOK = ['$JS.API.INFO', '$JS.API.STREAM.NAMES', '$JS.API.STREAM.LIST', '$JS.API.STREAM.INFO.*'];

const ALLOWED = {
  /** Who has it reads everything and changes nothing. */
  backup: [...LOOK, '$JS.API.STREAM.SNAPSHOT.*', '$JS.SNAPSHOT.ACK.>'],
  /** As good as all rights: a stream that is put back comes with a configuration, and by that the broker publishes anything anywhere. */
  restore: [...LOOK, '$JS.API.STREAM.RESTORE.*', '$JS.SNAPSHOT.RESTORE.>'],
};

/** A `.creds` file of the NATS tools, for an hour. `now` in milliseconds since 1970. */
export async function backupCredential(what: keyof typeof ALLOWED, { account, signer }: AccountSigner, now: number): Promise<Uint8Array> {
  const key = createUser();
  const claims = { pub: { allow: ALLOWED[what] }, sub: { allow: ['_INBOX.>'] }, allowed_connection_types: ['STANDARD' as const] };
  const jwt = await encodeUser(what, key, account, claims, { signer, exp: Math.floor(now / 1000) + COUNTS_FOR });
  return fmtCreds(jwt, key);
}
