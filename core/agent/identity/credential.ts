import { type Infer, optional, string, type } from 'superstruct';
import { Enrolled, Hardware, UserKey } from '#core/contract/enrolment.ts';
import { Id } from '#core/contract/ids.ts';
import { Instant } from '#core/contract/time.ts';

/** What makes this PC itself: `identity.json`, for the agent's account alone. */
export const Credential = type({
  /** The private half of the PC's nkey: `SU…`. */
  seed: string(),
  public_key: UserKey,
  /** What the server calls this PC, once it has said so; until then what it asks to be called. */
  pc_id: Id,
  /** Whose work lies in the ledger and the outbox beside this file. */
  data_of: Id,
  /** What the PC was made of then. */
  hardware: Hardware,
  server: string(),
  /** The enrolment token it came with. */
  token_id: optional(string()),
  /** PEM: whom to believe to be the server. */
  ca: optional(string()),
  /** Fingerprint of the CA that the token has named which was there when the server was last believed: its word is spent. */
  ca_named: optional(string()),
  /** What the server answered last; without it the PC has none yet. */
  enrolled: optional(Enrolled),
  /** When, by this PC's clock. */
  renewed_at: optional(Instant),
});
export type Credential = Infer<typeof Credential>;

/**
 * Whether the disk has woken up in another PC than the one its credential was made in: any part that could be read then and now, and
 * is another one. Pure.
 */
export function isCopied({ hardware: then }: Pick<Credential, 'hardware'>, now: Hardware): boolean {
  return (['uuid', 'machine_guid'] as const).some(
    (part) => then[part] !== undefined && now[part] !== undefined && then[part] !== now[part],
  );
}
