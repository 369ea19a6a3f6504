import { randomBytes, timingSafeEqual } from 'node:crypto';
import { decode, encode } from '#core/contract/codec.ts';
import { enrolmentTokenText, readEnrolmentToken, StoredEnrolmentToken } from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { use } from './token-uses.ts';

export interface EnrolmentTokensOptions {
  nats: Nats;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
}

/** What an admin says of a token to be made. */
export type TokenTerms = Pick<
  StoredEnrolmentToken,
  'description' | 'created_by' | 'uses_left' | 'groups' | 'name_pattern' | 'needs_approval' | 'replace' | 'ephemeral_days'
> & {
  /** Milliseconds. */
  expiresIn: number;
};

interface Waiting {
  who: { key: string; pc: string };
  resolve(token: StoredEnrolmentToken): void;
  reject(error: unknown): void;
}

const ID_BYTES = 6;
const SECRET_BYTES = 32;

/** The enrolment tokens: a mirror of their bucket, and the only place that counts their uses. */
export class EnrolmentTokens {
  readonly #o: EnrolmentTokensOptions;
  readonly #mirror = new Mirror<StoredEnrolmentToken>((bytes) => decode(StoredEnrolmentToken, bytes));
  /** Who waits to use a token, by its id, while a write of it is under way. */
  readonly #waiting = new Map<string, Waiting[]>();

  constructor(options: EnrolmentTokensOptions) {
    this.#o = options;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#mirror.start(this.#o.nats, 'enrolment_tokens', { log: this.#o.log, signal });
  }

  /** Every token that can be read. */
  list(): StoredEnrolmentToken[] {
    return [...this.#mirror.keys()].flatMap((id) => this.get(id) ?? []);
  }

  get(id: string): StoredEnrolmentToken | undefined {
    const entry = this.#mirror.get(id);
    return entry && 'value' in entry ? entry.value : undefined;
  }

  /** Its text is told here and nowhere else. `ca` as in the text. */
  async create({ expiresIn, ...terms }: TokenTerms, ca: string | undefined): Promise<{ token: StoredEnrolmentToken; text: string }> {
    const now = this.#o.clock();
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const token: StoredEnrolmentToken = {
      ...terms,
      id,
      hash: sha256(secret),
      created_at: instant(now),
      expires_at: instant(now + expiresIn),
      used: 0,
    };
    await this.#write(token, 0);
    return { token, text: enrolmentTokenText({ id, secret, ...(ca === undefined ? {} : { ca }) }) };
  }

  /** `not_found`; one that is revoked already stays as it is. */
  async revoke(id: string): Promise<StoredEnrolmentToken> {
    for (;;) {
      const { token, revision } = await this.#stored(id);
      if (token.revoked_at !== undefined) return token;
      const revoked = { ...token, revoked_at: instant(this.#o.clock()) };
      if (await this.#tryWrite(revoked, revision)) return revoked;
    }
  }

  /** Takes away all trace of one that has been over for long. */
  async forget(id: string): Promise<void> {
    await kvDelete(this.#o.nats, 'enrolment_tokens', id);
  }

  /** The token that this text is, whether or not it still counts; undefined when there is none like it. Takes the same time for every wrong secret. */
  async find(text: string): Promise<StoredEnrolmentToken | undefined> {
    const read = readEnrolmentToken(text);
    if (read === undefined) return undefined;
    // Another backend may have made it a moment ago.
    const token = this.get(read.id) ?? (await this.#lookUp(read.id));
    if (token === undefined) return undefined;
    const [given, known] = [Buffer.from(sha256(read.secret)), Buffer.from(token.hash)];
    return given.length === known.length && timingSafeEqual(given, known) ? token : undefined;
  }

  /**
   * Uses a token for a key and the name it asks for: `enrolment_token_invalid` when it does not count, or counts no longer. The same again uses up
   * nothing. Those who come while one use is being written are written together.
   */
  claim(id: string, who: Waiting['who']): Promise<StoredEnrolmentToken> {
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(id);
      if (waiting) {
        waiting.push({ who, resolve, reject });
        return;
      }
      this.#waiting.set(id, [{ who, resolve, reject }]);
      void this.#claimAll(id);
    });
  }

  async #claimAll(id: string): Promise<void> {
    for (let all = this.#waiting.get(id)!; all.length > 0; all = this.#waiting.get(id)!) {
      this.#waiting.set(id, []);
      try {
        const taken = await this.#claimTogether(id, all);
        for (const { who, resolve, reject } of all) {
          const token = taken.get(who);
          if (token) resolve(token);
          else reject(new KanadeError('enrolment_token_invalid'));
        }
      } catch (error) {
        for (const { reject } of all) reject(error);
      }
    }
    this.#waiting.delete(id);
  }

  async #claimTogether(id: string, all: readonly Waiting[]): Promise<Map<Waiting['who'], StoredEnrolmentToken>> {
    for (;;) {
      const { token, revision } = await this.#stored(id);
      const taken = new Map<Waiting['who'], StoredEnrolmentToken>();
      let next = token;
      for (const { who } of all) {
        const used = use(next, who, this.#o.clock());
        if (used === undefined) continue;
        next = used;
        taken.set(who, used);
      }
      if (next === token || (await this.#tryWrite(next, revision))) return taken;
    }
  }

  async #stored(id: string): Promise<{ token: StoredEnrolmentToken; revision: number }> {
    const stored = await kvGet(this.#o.nats, 'enrolment_tokens', id);
    if (stored === undefined) throw new KanadeError('not_found', `there is no enrolment token ${id}`);
    return { token: decode(StoredEnrolmentToken, stored.value), revision: stored.revision };
  }

  async #lookUp(id: string): Promise<StoredEnrolmentToken | undefined> {
    const stored = await kvGet(this.#o.nats, 'enrolment_tokens', id);
    return stored && decode(StoredEnrolmentToken, stored.value);
  }

  async #tryWrite(token: StoredEnrolmentToken, revision: number): Promise<boolean> {
    try {
      await this.#write(token, revision);
      return true;
    } catch (error) {
      if (error instanceof KanadeError && error.code === 'precondition_failed') return false;
      throw error;
    }
  }

  async #write(token: StoredEnrolmentToken, revision: number): Promise<void> {
    this.#mirror.accept(token.id, token, await kvCompareAndSet(this.#o.nats, 'enrolment_tokens', token.id, encode(token), revision));
  }
}
