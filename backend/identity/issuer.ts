import { decode, encode } from '#core/contract/codec.ts';
import { Revoked } from '#core/contract/enrolment.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvPut } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { AccountKeeper, RevokedKey } from './account-keeper.ts';
import type { Identity } from './identity.ts';
import { type IssuedJwt, issuePcJwt } from './pc-jwt.ts';

export interface IssuerParts {
  identity: Identity;
  keeper: AccountKeeper;
  nats: Nats;
  /** In the system account. */
  system: Nats;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
}

/** Milliseconds between two looks for servers that have not been told and say nothing. */
const LOOK_EVERY = 60_000;
const TRY_AGAIN = 5000;

/** Makes PCs known to the broker, and unknown again. */
export class Issuer {
  readonly #parts: IssuerParts;
  readonly #changed = new Wake();
  readonly #revoked = new Mirror(
    (bytes) => decode(Revoked, bytes),
    () => this.#changed.fire(),
  );

  constructor(parts: IssuerParts) {
    this.#parts = parts;
    const again = () => {
      this.#changed.fire();
      parts.system.tracker.connectedAgain.join(again);
    };
    parts.system.tracker.connectedAgain.join(again);
  }

  /** Resolves once it is known here which keys are revoked. */
  async start(signal: AbortSignal): Promise<void> {
    const { nats, log } = this.#parts;
    await this.#revoked.start(nats, 'revoked', { log, signal });
  }

  /** The JWT by which the holder of this key is that PC, for 30 days. `identity_revoked` for a key that was revoked. `now` in milliseconds. */
  async issue(pc: { publicKey: string; pcId: string; now: number }): Promise<IssuedJwt> {
    if (this.isRevoked(pc.publicKey)) throw new KanadeError('identity_revoked');
    return issuePcJwt(this.#parts.identity, pc);
  }

  isRevoked(publicKey: string): boolean {
    return this.#revoked.get(publicKey) !== undefined || this.#parts.keeper.isRevoked(publicKey);
  }

  /**
   * From now on the key opens nothing, for good: its connections are cut, and it is never issued anything again.
   * `revocation_pending` when that is noted and not every server of the broker has confirmed it yet.
   */
  async revoke({ publicKey, pcId, by }: { publicKey: string; pcId: string; by: string }): Promise<void> {
    const { nats, clock, keeper } = this.#parts;
    const at = clock();
    const entry: Revoked = { public_key: publicKey, pc_id: pcId, revoked_at: instant(at), revoked_by: by };
    this.#revoked.accept(publicKey, entry, await kvPut(nats, 'revoked', publicKey, encode(entry)));
    await keeper.tell([...this.#all(), { publicKey, at }]);
  }

  /** Keeps every server of the broker told until `signal` aborts: one that was away, or came with an empty disk, hears it soon. */
  async run(signal: AbortSignal): Promise<void> {
    const { keeper, system, log } = this.#parts;
    // Each server says every few seconds that it is there.
    system.subscribe('$SYS.SERVER.*.STATSZ', ({ subject }) => {
      if (!keeper.knows(subject.split('.')[2]!)) this.#changed.fire();
    });
    while (!signal.aborted) {
      let pause = LOOK_EVERY;
      try {
        if (system.connected) await keeper.tell(this.#all());
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'not every server of the broker knows the accounts as they are: trying again');
        pause = TRY_AGAIN;
      }
      await sleepOrWake(pause, this.#changed, signal).catch(() => {});
    }
  }

  #all(): RevokedKey[] {
    return [...this.#revoked.keys()].flatMap((publicKey) => {
      const entry = this.#revoked.get(publicKey);
      return entry && 'value' in entry ? [{ publicKey, at: Date.parse(entry.value.revoked_at) }] : [];
    });
  }
}
