import type { SealedKind } from '#core/contract/sealed.ts';
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
