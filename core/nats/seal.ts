import { KanadeError } from '#core/contract/errors.ts';
import type { Keyring } from '#core/contract/seal.ts';
import { countsAtMost, KV_OPERATION, type SealedKind, sealedKind, sealedSubject } from '#core/contract/sealed.ts';
import type { Wake } from './retry.ts';

/** What one side of a connection seals and believes. Without one, nothing is sealed and everything is believed. */
export interface Seal {
  /** The headers for what is said on this subject; undefined when nothing is to be added. `operation` is what a bucket's marker says. */
  sign(subject: string, bytes: Uint8Array, operation: string | undefined): Record<string, string> | undefined;
  /**
   * Throws what `isSealFault` knows unless this is of that kind, going by its subject, and sealed by somebody whom we
   * trust. The kind is what the caller is about to obey: a broker may deliver anything anywhere.
   */
  check(message: SealedMessage, kind: SealedKind): void;
  /** Fires when somebody is believed who was not before. */
  readonly changed: Wake;
}

export interface SealedMessage {
  subject: string;
  data: Uint8Array;
  header(name: string): string | undefined;
  /** Milliseconds since 1970; when a stream that keeps history has taken it. */
  stored?: number;
}

/** The one rule, for backends and PCs, by the keys that count there; `now` in milliseconds since 1970. Throws what `isSealFault` knows. */
export function checkSeal(keyring: Keyring, message: SealedMessage, kind: SealedKind, now: number): void {
  const { subject, data } = message;
  if (sealedKind(subject) !== kind) throw new KanadeError('unsigned', `${subject} is nothing that is signed as a ${kind}`);
  const operation = kind === 'value' ? message.header(KV_OPERATION) : undefined;
  keyring.check(sealedSubject(subject, operation), data, (name) => message.header(name), { now, atMost: countsAtMost(kind) });
}
