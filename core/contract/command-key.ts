import { type Infer, optional, size, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** 32 bytes in base64url. */
export const PublicKey = size(string(), 43, 43);

/** `command_keys` bucket, key = the key's id (seal.ts): a key that the backends trust. What was retired stays, for what it has sealed is history. */
export const CommandKeyEntry = type({
  public_key: PublicKey,
  /** Whose it is. */
  backend_id: Id,
  created_at: Instant,
  /** From then on it seals; known before that to whoever is to believe it. */
  active_from: Instant,
  /** From then on what it has sealed counts no longer. */
  retired_at: optional(Instant),
});
export type CommandKeyEntry = Infer<typeof CommandKeyEntry>;

/** What is there of the history of executions that was never sealed: see `adopted` in backend/seal. */
export const ADOPTED_PREFIX = 'adopted_';

/** next: known and not used yet. active: seals. retiring: what it has sealed still counts. */
export const KEY_STATES = ['next', 'active', 'retiring', 'retired'] as const;
export type KeyState = (typeof KEY_STATES)[number];
