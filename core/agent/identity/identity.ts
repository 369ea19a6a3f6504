import { setTimeout as sleep } from 'node:timers/promises';
import type { Enrolled, Pending, TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import { FIRST_BACKOFF, nextBackoff, withJitter } from '#core/nats/retry.ts';
import type { Platform } from '../platform/platform.ts';
import type { Told } from '../trust.ts';
import { type Asked, type AskOptions, askServer } from './ask-server.ts';
import type { Credential } from './credential.ts';
import type { IdentityStore } from './identity-file.ts';
import { issuedAt } from './issued-at.ts';
import { Renewals } from './renewals.ts';
import { settle } from './settle.ts';
import { caNamedBy, namesAnother, tokenIdOf } from './token-says.ts';
import { makeUserKey } from './user-key.ts';
import { renewalIn } from './when-to-renew.ts';

export interface IdentityOptions extends AskOptions {
  store: IdentityStore;
  /** What this PC asks to be called when it enrols. */
  pcId: string;
  /** Where to enrol and renew; undefined: where it enrolled. */
  server: () => string | undefined;
  /** The enrolment token as this PC has it now: somebody may give it another one at any time. */
  token: () => string | undefined;
  /** PEM of the only CA to believe, where this PC's own settings say it; looked at each time. */
  ca?: () => string | undefined;
  /** Takes the token from where it was given to this PC, once that has enrolled with it. */
  forgetToken?: () => void;
  platform: Pick<Platform, 'hostname' | 'os' | 'hardware'>;
  wall: () => number;
  mono: () => number;
  random: () => number;
  log: Log;
}

/** Refusals of the key itself: another token, and with it another key, may open the door again. */
const NEW_KEY_HELPS: readonly ErrorCode[] = ['identity_revoked', 'identity_unknown', 'pc_retired', 'enrolment_denied'];

/**
 * Who this PC is. It begins without a credential, or with the one on its disk; a key is made, and kept, before anybody hears of it.
 * States: none -> asking (by its token, as often as it takes; waiting for an admin is part of it) -> enrolled (renewed daily, and early
 * when the broker refuses it or it meets a key it does not know) -> beginning anew (`again` aborts: it was renamed, or has to enrol with
 * another key), for which the agent is put together again.
 */
export class Identity {
  readonly #o: IdentityOptions;
  readonly #again = new AbortController();
  readonly #renewals: Renewals;
  #credential: Credential | undefined;
  /** Why what is on the disk cannot be used. */
  #unusable: KanadeError | undefined;
  #told: Told | undefined;

  private constructor(options: IdentityOptions) {
    this.#o = options;
    const { wall, mono, random, log } = options;
    this.#renewals = new Renewals({
      renew: (ledgerId, signal) => this.#renew(ledgerId, signal),
      // Whoever has given this PC another token has something to say to it, without which it may not find the broker.
      due: () => (namesAnother(this.#credential!, options.token()) ? 0 : renewalIn(this.#credential!, { now: wall(), random })),
      refused: async (code) => {
        if (await this.#takeOtherToken(code)) this.#again.abort();
        return this.#again.signal.aborted;
      },
      mono,
      random,
      log,
    });
  }

  /** Reads what is there and changes nothing. Rejects when the disk does not answer. */
  static async open(options: IdentityOptions): Promise<Identity> {
    const identity = new Identity(options);
    try {
      identity.#credential = await options.store.read();
    } catch (error) {
      if (!(error instanceof KanadeError) || error.code !== 'identity_unusable') throw error;
      identity.#unusable = error;
    }
    return identity;
  }

  /** What the server calls this PC, or what it asks to be called. */
  get pcId(): string {
    return this.#credential?.enrolled?.pc_id ?? this.#o.pcId;
  }

  /** Undefined until the PC is enrolled. */
  get enrolled(): Enrolled | undefined {
    return this.#credential?.enrolled;
  }

  /** The keys that this PC obeys. */
  commandKeys(): readonly TrustedKeyEntry[] {
    return this.enrolled?.command_keys ?? [];
  }

  /** What time the server said last that it was; undefined when it has not since this process began. */
  get told(): Told | undefined {
    return this.#told;
  }

  /** PEM of whom to believe to be the broker; undefined = whom this machine trusts. */
  get ca(): string | undefined {
    return this.#o.ca?.() ?? this.enrolled?.ca;
  }

  /** Of the API: where this PC is told to ask, and where else it may. */
  get apis(): string[] {
    const { server, enrolled } = this.#credential ?? {};
    const first = this.#o.server() ?? server;
    return [...new Set([...(first === undefined ? [] : [first]), ...(enrolled?.other_apis ?? [])])];
  }

  /** For the broker, at each connect. */
  authenticate(): { jwt: string; seed: Uint8Array } {
    const { enrolled, seed = '' } = this.#credential ?? {};
    return { jwt: enrolled?.jwt ?? '', seed: new TextEncoder().encode(seed) };
  }

  /** Aborts when the agent has to be put together again. */
  get again(): AbortSignal {
    return this.#again.signal;
  }

  /** The agent is to be put together again. */
  beginAnew(): void {
    this.#again.abort();
  }

  problems(): { code: string; detail: string }[] {
    const { trouble } = this.#renewals;
    return trouble === undefined ? [] : [{ code: 'identity_not_renewed', detail: `${trouble.code}: ${trouble.message}` }];
  }

  /** Only for whoever has the folder alone (settle.ts). */
  async settle(): Promise<void> {
    this.#credential = await settle(this.#o, { credential: this.#credential, unusable: this.#unusable });
    this.#unusable = undefined;
  }

  /**
   * Resolves when this PC is enrolled, however long that takes; at once when it is. Rejects with `no_identity` when it has nothing to
   * enrol with, and when `signal` aborts.
   */
  async obtain(ledgerId: string, signal: AbortSignal): Promise<void> {
    await this.#enrol(ledgerId, signal);
    this.#forgetToken();
  }

  async #enrol(ledgerId: string, signal: AbortSignal): Promise<void> {
    const { token, pcId, log } = this.#o;
    let backoff = FIRST_BACKOFF;
    while (this.enrolled === undefined) {
      signal.throwIfAborted();
      let wait: number;
      try {
        const answer = await this.#ask(this.#credential ?? (await this.#begin()), ledgerId, signal);
        if (answer.state === 'enrolled') return;
        log.warn({ pc_id: pcId, reason: answer.reason }, 'this PC waits for an admin to approve its enrolment');
        wait = answer.retry_after_secs * 1000;
        backoff = FIRST_BACKOFF;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof KanadeError) || error.code === 'no_identity') throw error;
        wait = backoff;
        backoff = nextBackoff(backoff);
        log.error(
          { code: error.code, error: error.message, ...tokenIdOf(token()), next_try_secs: Math.round(wait / 1000) },
          'this PC could not enrol: trying on',
        );
        await this.#takeOtherToken(error.code);
      }
      await sleep(withJitter(wait, this.#o.random), undefined, { signal });
    }
  }

  /** Renews for as long as `signal` allows, and until the agent begins anew with another key. */
  keep(ledgerId: string, signal: AbortSignal): Promise<void> {
    return this.#renewals.run(ledgerId, signal);
  }

  /** Asks the server for the command keys now. Whoever asks takes care not to ask too often, nor when all do (trust.ts). */
  renewKeys(ledgerId: string, signal: AbortSignal): Promise<void> {
    return this.#renewals.renew(ledgerId, signal);
  }

  /** Asks the server soon rather than tomorrow: the broker refuses us, or somebody signs with a key we do not know. At most once a minute. */
  renewEarly(): void {
    this.#renewals.early();
  }

  async #renew(ledgerId: string, signal: AbortSignal): Promise<void> {
    if (this.#credential === undefined) throw new KanadeError('not_enrolled', 'this PC begins anew with another key');
    const answer = await this.#ask(this.#credential, ledgerId, signal);
    if (answer.state === 'pending') throw new KanadeError('not_enrolled', 'the server has this PC wait for an admin');
  }

  async #ask(credential: Credential, ledgerId: string, signal: AbortSignal): Promise<Enrolled | Pending> {
    const token = this.#o.token();
    const { answer, ca } = await this.#askBelieving(credential, { server: this.#o.server(), token, ledgerId, signal });
    // Whoever is refused from now on was let in, or let wait, with this token: only one that it is given later is another.
    const known = { ...credential, ...tokenIdOf(token) };
    if (answer.state === 'enrolled') {
      const at = issuedAt(answer.jwt);
      if (at !== undefined) this.#told = { at, mono: this.#o.mono() };
      await this.#take({ ...known, ...caNamedBy(token) }, answer, ca);
    } else if (known.token_id !== credential.token_id) await this.#keep(known);
    return answer;
  }

  /** By the CA that this PC believes; by the one that a new token names when the server has none of the other any more. */
  async #askBelieving(credential: Credential, asked: Omit<Asked, 'credential' | 'ca'>): ReturnType<typeof askServer> {
    const set = this.#o.ca?.();
    const ca = set ?? credential.ca;
    try {
      return await askServer(this.#o, { ...asked, credential, ca });
    } catch (error) {
      const changed = error instanceof KanadeError && error.code === 'certificate_untrusted' && ca !== undefined && set === undefined;
      if (!changed || !namesAnother(credential, asked.token)) throw error;
      const told = await askServer(this.#o, { ...asked, credential, ca: undefined });
      this.#o.log.warn({}, 'the server has another CA than this PC was told of: its new enrolment token names it, and it is believed now');
      return told;
    }
  }

  /** A key of our own, on the disk before anybody hears of it. */
  async #begin(): Promise<Credential> {
    const { pcId, platform, log } = this.#o;
    const [server, token] = [this.#o.server(), this.#o.token()];
    if (token === undefined || server === undefined) {
      const what = server === undefined ? 'the address of the server (KANADE_SERVER)' : 'an enrolment token (KANADE_ENROLMENT_TOKEN)';
      throw new KanadeError('no_identity', `this PC has no identity yet, and to get one it needs ${what}`);
    }
    const { seed, publicKey } = makeUserKey();
    const credential: Credential = {
      seed,
      public_key: publicKey,
      pc_id: pcId,
      data_of: pcId,
      hardware: await platform.hardware(),
      server,
      ...tokenIdOf(token),
    };
    await this.#keep(credential);
    log.info({ pc_id: pcId, public_key: credential.public_key, server }, 'this PC has made its key and enrols');
    return credential;
  }

  async #take(before: Credential, enrolled: Enrolled, ca: string | undefined): Promise<void> {
    const { log, wall } = this.#o;
    const { ca: _, ...rest } = before;
    await this.#keep({
      ...rest,
      pc_id: enrolled.pc_id,
      // Until now nothing was done in anybody's name.
      data_of: before.enrolled === undefined ? enrolled.pc_id : before.data_of,
      server: this.#o.server() ?? before.server,
      ...(ca === undefined ? {} : { ca }),
      enrolled,
      renewed_at: instant(wall()),
    });
    log.info(
      { pc_id: enrolled.pc_id, until: enrolled.jwt_expires_at },
      before.enrolled ? 'the identity was renewed' : 'this PC is enrolled',
    );
    if (before.enrolled !== undefined && before.enrolled.pc_id !== enrolled.pc_id) {
      log.warn({ was: before.enrolled.pc_id, pc_id: enrolled.pc_id }, 'this PC was renamed: it begins anew under its new name');
      this.#again.abort();
    }
  }

  /** Somebody has given this PC another token since: whoever refuses its key may take another. True when it has a new one to try. */
  async #takeOtherToken(refusal: ErrorCode): Promise<boolean> {
    const { store, wall, log } = this.#o;
    const credential = this.#credential;
    const { token_id } = tokenIdOf(this.#o.token());
    if (!NEW_KEY_HELPS.includes(refusal) || credential === undefined) return false;
    if (token_id === undefined || token_id === credential.token_id) return false;
    const to = await store.setAside({ credential: true, work: false }, wall());
    log.warn({ to, token_id }, 'this PC was given another enrolment token: it enrols anew with another key');
    this.#credential = undefined;
    return true;
  }

  /** One that this PC has not enrolled with stays: it may be meant to replace the identity that there is. */
  #forgetToken(): void {
    const { forgetToken, log } = this.#o;
    const { token_id } = tokenIdOf(this.#o.token());
    if (forgetToken === undefined || token_id === undefined || token_id !== this.#credential?.token_id) return;
    try {
      forgetToken();
    } catch (error) {
      // The next start tries again.
      log.warn({ error: messageOf(error) }, 'the enrolment token that was used could not be removed');
    }
  }

  async #keep(credential: Credential): Promise<void> {
    await this.#o.store.write(credential);
    this.#credential = credential;
  }
}
