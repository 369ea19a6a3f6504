import { decode, encode } from '#core/contract/codec.ts';
import { Revoked } from '#core/contract/enrolment.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { AccountEntry } from '#core/contract/joining.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvPut } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { Members } from '../joining/members.ts';
import type { AccountKeeper, RevokedKey } from './account-keeper.ts';
import { ACCOUNTS, type Accounts } from './accounts.ts';
import type { Identity } from './identity.ts';
import { type IssuedJwt, issuePcJwt } from './pc-jwt.ts';

export interface IssuerParts {
  identity: Identity;
  keeper: AccountKeeper;
  nats: Nats;
  /** In the system account. */
  system: Nats;
  /** The other backends. */
  members?: Pick<Members, 'list' | 'changed'> | undefined;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
}

/** Milliseconds between two looks for servers that have not been told and say nothing. */
const LOOK_EVERY = 60_000;
const TRY_AGAIN = 5000;
/** Milliseconds in which the backend with the operator's key does what it is asked to, when it is there. */
const SIGNED_WITHIN = 8000;

/** Makes PCs known to the broker, and unknown again; the same of backends that have joined. */
export class Issuer {
  readonly #parts: IssuerParts;
  readonly #changed = new Wake();
  readonly #signed = new Wake();
  readonly #revoked = new Mirror(
    (bytes) => decode(Revoked, bytes),
    () => this.#changed.fire(),
  );
  readonly #accounts = new Mirror(
    (bytes) => decode(AccountEntry, bytes),
    () => {
      this.#signed.fire();
      this.#changed.fire();
    },
  );

  constructor(parts: IssuerParts) {
    this.#parts = parts;
    const again = () => {
      this.#changed.fire();
      parts.system.tracker.connectedAgain.join(again);
    };
    parts.system.tracker.connectedAgain.join(again);
    const others = () => {
      this.#changed.fire();
      parts.members?.changed.join(others);
    };
    parts.members?.changed.join(others);
  }

  /** Resolves once it is known here which keys are revoked, and what the operator has said last. */
  async start(signal: AbortSignal): Promise<void> {
    const { nats, log } = this.#parts;
    await Promise.all([
      this.#revoked.start(nats, 'revoked', { log, signal }),
      this.#accounts.start(nats, 'broker_accounts', { log, signal }),
    ]);
  }

  /** Whether this backend has the operator's key, and with it changes accounts. */
  get signs(): boolean {
    return this.#parts.keeper.signs;
  }

  /** JWTs, as every server has been told them or is to be. */
  get accounts(): Accounts {
    return this.#parts.identity.accounts;
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
   * `revocation_pending` when that is noted and not every server of the broker has confirmed it yet, or the backend that has the
   * operator's key has not heard of it.
   */
  async revoke({ publicKey, pcId, by }: { publicKey: string; pcId: string; by: string }): Promise<void> {
    const { nats, clock, keeper } = this.#parts;
    const at = clock();
    const entry: Revoked = { public_key: publicKey, pc_id: pcId, revoked_at: instant(at), revoked_by: by };
    this.#revoked.accept(publicKey, entry, await kvPut(nats, 'revoked', publicKey, encode(entry)));
    await this.#tellOnce(() => keeper.isRevoked(publicKey));
  }

  /**
   * Has every server know which backends there are. `noted`: by what can be seen that the operator has said it.
   * `revocation_pending` as above.
   */
  async tellMembers(noted: (signers: AccountKeeper['signers']) => boolean): Promise<void> {
    await this.#tellOnce(() => noted(this.#parts.keeper.signers));
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
        if (system.connected) await this.#tell();
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'not every server of the broker knows the accounts as they are: trying again');
        pause = TRY_AGAIN;
      }
      await sleepOrWake(pause, this.#changed, signal).catch(() => {});
    }
  }

  /** What the operator has said and what there is to say. */
  async #tell(): Promise<void> {
    const { keeper, members } = this.#parts;
    await keeper.sign(this.#all(), members?.list());
    if (!keeper.signs) await this.#takeAccounts();
    await Promise.all([keeper.tell([]), ...(keeper.signs ? [this.#publish()] : [])]);
  }

  async #tellOnce(isSigned: () => boolean): Promise<void> {
    const { keeper } = this.#parts;
    if (!keeper.signs && !(await this.#signedElsewhere(isSigned))) {
      throw new KanadeError('revocation_pending', 'the backend that has the operator key has not heard of it: done as soon as it has');
    }
    await this.#tell();
  }

  /** For the backends that cannot sign: what is signed, where they read it. */
  async #publish(): Promise<void> {
    const { nats, log } = this.#parts;
    for (const account of ACCOUNTS) {
      const jwt = this.accounts[account];
      const there = this.#accounts.get(account);
      if (there && 'value' in there && there.value.jwt === jwt) continue;
      try {
        this.#accounts.accept(account, { jwt }, await kvPut(nats, 'broker_accounts', account, encode({ jwt })));
      } catch (error) {
        log.warn({ account, error: messageOf(error) }, 'the other backends could not be told what is said of an account: trying again');
      }
    }
  }

  async #takeAccounts(): Promise<void> {
    const { keeper, log } = this.#parts;
    for (const account of ACCOUNTS) {
      const said = this.#accounts.get(account);
      if (said === undefined || !('value' in said)) continue;
      try {
        await keeper.accept(account, said.value.jwt);
      } catch (error) {
        log.error({ account, error: messageOf(error) }, 'what is said of an account cannot be followed');
      }
    }
  }

  async #signedElsewhere(isSigned: () => boolean): Promise<boolean> {
    const patience = AbortSignal.timeout(SIGNED_WITHIN);
    for (;;) {
      await this.#takeAccounts();
      if (isSigned()) return true;
      if (patience.aborted) return false;
      await this.#signed.next(patience);
    }
  }

  #all(): RevokedKey[] {
    return [...this.#revoked.keys()].flatMap((publicKey) => {
      const entry = this.#revoked.get(publicKey);
      return entry && 'value' in entry ? [{ publicKey, at: Date.parse(entry.value.revoked_at) }] : [];
    });
  }
}
