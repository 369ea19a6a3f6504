import { setTimeout as sleep } from 'node:timers/promises';
import { type Enrolled, type Pending, proofText, readEnrolmentToken, type TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { type ErrorCode, errorStatus, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import { FIRST_BACKOFF, nextBackoff, sleepOrWake, Wake, withJitter } from '#core/nats/retry.ts';
import type { Platform } from '../platform/platform.ts';
import type { Told } from '../trust.ts';
import { type Credential, isCopied } from './credential.ts';
import type { IdentityStore } from './identity-file.ts';
import { issuedAt } from './issued-at.ts';
import type { IdentityServer, ServerOptions } from './server.ts';
import { makeUserKey, signByUserKey } from './user-key.ts';
import { renewalIn } from './when-to-renew.ts';

export interface IdentityOptions {
  store: IdentityStore;
  /** What this PC asks to be called when it enrols. */
  pcId: string;
  /** Where to enrol and renew; undefined: where it enrolled. */
  server: string | undefined;
  token: string | undefined;
  connect(options: Pick<ServerOptions, 'url' | 'ca' | 'fingerprint' | 'signal'>): IdentityServer;
  platform: Pick<Platform, 'hostname' | 'os' | 'hardware'>;
  version: string;
  wall: () => number;
  mono: () => number;
  random: () => number;
  log: Log;
}

/** Milliseconds between two early renewals, whoever asks for them. */
const EARLY_EVERY = 60_000;
/** And this much more: what makes one PC ask makes all of them ask. */
const EARLY_SPREAD = 2000;
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
  readonly #early = new Wake();
  readonly #again = new AbortController();
  #credential: Credential | undefined;
  /** Why what is on the disk cannot be used. */
  #unusable: KanadeError | undefined;
  #earlyWanted = false;
  #earlyAt = Number.NEGATIVE_INFINITY;
  #trouble: KanadeError | undefined;
  #renewing: Promise<void> | undefined;
  #told: Told | undefined;

  private constructor(options: IdentityOptions) {
    this.#o = options;
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

  /** What time the server said last that it was; undefined when it has not since this process began. */
  get told(): Told | undefined {
    return this.#told;
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
    return this.#trouble === undefined ? [] : [{ code: 'identity_not_renewed', detail: `${this.#trouble.code}: ${this.#trouble.message}` }];
  }

  /**
   * Only for whoever has the folder alone: what belongs to another PC (of which this disk is a copy), or to the name that this one had,
   * is set aside before anything reads it.
   */
  async settle(): Promise<void> {
    const { store, log, wall, platform } = this.#o;
    if (this.#unusable !== undefined) {
      const to = await store.setAside({ credential: true, work: true }, wall());
      log.error(
        { error: this.#unusable.message, to },
        'the identity on this disk cannot be used: it was set aside, and this PC enrols anew',
      );
      this.#unusable = undefined;
    }
    const credential = this.#credential;
    if (credential === undefined) return;
    if (isCopied(credential, await platform.hardware())) {
      const to = await store.setAside({ credential: true, work: true }, wall());
      log.error(
        { pc_id: credential.pc_id, to },
        'this disk is a copy of another PC: what it carries was set aside, and this PC enrols anew',
      );
      this.#credential = undefined;
    } else if (credential.data_of !== credential.pc_id) {
      const to = await store.setAside({ credential: false, work: true }, wall());
      log.warn({ was: credential.data_of, pc_id: credential.pc_id, to }, 'this PC was renamed: the work of its old name was set aside');
      await this.#keep({ ...credential, data_of: credential.pc_id });
    }
  }

  /**
   * Resolves when this PC is enrolled, however long that takes; at once when it is. Rejects with `no_identity` when it has nothing to
   * enrol with, and when `signal` aborts.
   */
  async obtain(ledgerId: string, signal: AbortSignal): Promise<void> {
    let backoff = FIRST_BACKOFF;
    while (this.enrolled === undefined) {
      signal.throwIfAborted();
      let wait: number;
      try {
        const answer = await this.#ask(ledgerId, signal);
        if (answer.state === 'enrolled') return;
        this.#o.log.warn({ pc_id: this.#o.pcId, reason: answer.reason }, 'this PC waits for an admin to approve its enrolment');
        wait = answer.retry_after_secs * 1000;
        backoff = FIRST_BACKOFF;
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof KanadeError) || error.code === 'no_identity') throw error;
        wait = backoff;
        backoff = nextBackoff(backoff);
        this.#o.log.error(
          { code: error.code, error: error.message, next_try_secs: Math.round(wait / 1000) },
          'this PC could not enrol: trying on',
        );
        if (NEW_KEY_HELPS.includes(error.code)) await this.#takeOtherToken();
      }
      await sleep(withJitter(wait, this.#o.random), undefined, { signal });
    }
  }

  /** Renews for as long as `signal` allows. */
  async keep(ledgerId: string, signal: AbortSignal): Promise<void> {
    const { log, mono, wall, random } = this.#o;
    let backoff = FIRST_BACKOFF;
    let wait = renewalIn(this.#credential!, { now: wall(), random });
    while (!signal.aborted) {
      // Whoever cannot renew tries on at its own pace, however often it is asked to.
      if (this.#trouble !== undefined || !this.#earlyWanted)
        await sleepOrWake(wait, this.#trouble === undefined ? this.#early : new Wake(), signal).catch(() => {});
      if (this.#trouble === undefined && this.#earlyWanted) await sleep(this.#untilEarly(), undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      if (this.#earlyWanted) this.#earlyAt = mono();
      this.#earlyWanted = false;
      try {
        await this.#renew(ledgerId, signal);
        backoff = FIRST_BACKOFF;
        wait = renewalIn(this.#credential!, { now: wall(), random });
      } catch {
        if (signal.aborted) return;
        wait = withJitter(backoff, random);
        backoff = nextBackoff(backoff);
        const { code, message } = this.#trouble!;
        log.error(
          { code, error: message, next_try_secs: Math.round(wait / 1000) },
          'the identity of this PC could not be renewed: trying on',
        );
        if (NEW_KEY_HELPS.includes(code) && (await this.#takeOtherToken())) this.#again.abort();
      }
    }
  }

  /** The keys that this PC obeys. */
  commandKeys(): readonly TrustedKeyEntry[] {
    return this.enrolled?.command_keys ?? [];
  }

  /** Asks the server for them now. Whoever asks takes care not to ask too often, nor when all do (trust.ts). */
  renewKeys(ledgerId: string, signal: AbortSignal): Promise<void> {
    return this.#renew(ledgerId, signal);
  }

  /** One at a time, for as many as ask meanwhile. */
  #renew(ledgerId: string, signal: AbortSignal): Promise<void> {
    this.#renewing ??= this.#renewOnce(ledgerId, signal).finally(() => {
      this.#renewing = undefined;
    });
    return this.#renewing;
  }

  async #renewOnce(ledgerId: string, signal: AbortSignal): Promise<void> {
    try {
      const answer = await this.#ask(ledgerId, signal);
      if (answer.state === 'pending') throw new KanadeError('not_enrolled', 'the server has this PC wait for an admin');
      this.#trouble = undefined;
    } catch (error) {
      this.#trouble = error instanceof KanadeError ? error : new KanadeError('internal', messageOf(error));
      throw this.#trouble;
    }
  }

  /** Asks the server soon rather than tomorrow: the broker refuses us, or somebody signs with a key we do not know. At most once a minute. */
  renewEarly(): void {
    if (this.#earlyWanted) return;
    this.#earlyWanted = true;
    this.#early.fire();
  }

  #untilEarly(): number {
    const { mono, random } = this.#o;
    return Math.max(0, this.#earlyAt + EARLY_EVERY - mono()) + random() * EARLY_SPREAD;
  }

  /** By the token until the PC is enrolled, afterwards by the key, which the other servers know too that it was told of. */
  async #ask(ledgerId: string, signal: AbortSignal): Promise<Enrolled | Pending> {
    const credential = this.#credential ?? (await this.#begin());
    const first = this.#o.server ?? credential.server;
    let fault: unknown;
    for (const url of new Set([first, ...(credential.enrolled?.other_apis ?? [])])) {
      try {
        return await this.#askAt(url, credential, ledgerId, signal);
      } catch (error) {
        // What the first says of its trouble is what an admin has to hear.
        fault ??= error;
        if (signal.aborted || !(error instanceof KanadeError) || !isTroubleOfServer(error.code)) throw error;
      }
    }
    throw fault;
  }

  async #askAt(url: string, credential: Credential, ledgerId: string, signal: AbortSignal): Promise<Enrolled | Pending> {
    const { token } = this.#o;
    const fingerprint = token === undefined ? undefined : readEnrolmentToken(token)?.ca;
    const { ca } = credential;
    const line = this.#o.connect({
      url,
      signal,
      ...(ca === undefined ? {} : { ca }),
      ...(fingerprint === undefined ? {} : { fingerprint }),
    });
    try {
      const answer = await this.#askOver(line, credential, ledgerId);
      if (answer.state === 'enrolled') {
        const at = issuedAt(answer.jwt);
        if (at !== undefined) this.#told = { at, mono: this.#o.mono() };
        await this.#take(answer, answer.ca ?? line.ca);
      }
      return answer;
    } finally {
      line.close();
    }
  }

  async #askOver(line: IdentityServer, credential: Credential, ledger_id: string): Promise<Enrolled | Pending> {
    const hardware = credential.hardware;
    const { platform, version, token } = this.#o;
    // A key that the server knows already, or that waits for an admin, is answered as it is when it comes with its token again.
    if (credential.enrolled !== undefined || token === undefined)
      return line.renew({ ...(await prove('renew', line, credential)), ledger_id, hardware });
    const { hostname, os } = platform;
    return line.enrol({ ...(await prove('enrol', line, credential)), token, ledger_id, hardware, hostname, os, version });
  }

  /** A key of our own, on the disk before anybody hears of it. */
  async #begin(): Promise<Credential> {
    const { token, server, pcId, platform, log } = this.#o;
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

  async #take(enrolled: Enrolled, ca: string | undefined): Promise<void> {
    const { log, wall, server } = this.#o;
    const before = this.#credential!;
    const { ca: _, ...rest } = before;
    await this.#keep({
      ...rest,
      pc_id: enrolled.pc_id,
      // Until now nothing was done in anybody's name.
      data_of: before.enrolled === undefined ? enrolled.pc_id : before.data_of,
      server: server ?? before.server,
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
  async #takeOtherToken(): Promise<boolean> {
    const { token, store, wall, log } = this.#o;
    const credential = this.#credential;
    if (credential === undefined || token === undefined || tokenIdOf(token).token_id === credential.token_id) return false;
    const to = await store.setAside({ credential: true, work: false }, wall());
    log.warn({ to }, 'this PC was given another enrolment token: it enrols anew with another key');
    this.#credential = undefined;
    return true;
  }

  async #keep(credential: Credential): Promise<void> {
    await this.#o.store.write(credential);
    this.#credential = credential;
  }
}

/** Whether another server may do better: it says nothing of this PC. */
function isTroubleOfServer(code: ErrorCode): boolean {
  const status = errorStatus(code);
  return status === undefined || status >= 500;
}

function tokenIdOf(token: string): Pick<Credential, 'token_id'> {
  const id = readEnrolmentToken(token)?.id;
  return id === undefined ? {} : { token_id: id };
}

async function prove(purpose: 'enrol' | 'renew', line: IdentityServer, { seed, public_key, pc_id }: Credential) {
  const { nonce } = await line.challenge();
  const text = proofText(purpose, { nonce, pc_id, public_key });
  const signature = Buffer.from(signByUserKey(seed, text)).toString('base64url');
  return { pc_id, public_key, nonce, signature };
}
