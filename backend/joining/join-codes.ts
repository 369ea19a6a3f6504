import { randomBytes, timingSafeEqual } from 'node:crypto';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { sha256 } from '#core/contract/ids.ts';
import { joinCodeText, readJoinCode, StoredJoinCode } from '#core/contract/joining.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';
import { kvCompareAndSet, kvDelete } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { useCode } from './code-state.ts';

export interface JoinCodesParts {
  nats: Nats;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
}

const ID_BYTES = 6;
const SECRET_BYTES = 32;

/** The codes by which a further backend joins: a mirror of their bucket, and the only place that uses them up. */
export class JoinCodes {
  readonly #o: JoinCodesParts;
  readonly #mirror = new Mirror((bytes) => decode(StoredJoinCode, bytes));

  constructor(parts: JoinCodesParts) {
    this.#o = parts;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#mirror.start(this.#o.nats, 'join_codes', { log: this.#o.log, signal });
  }

  /** Every code that can be read. */
  list(): StoredJoinCode[] {
    return [...this.#mirror.keys()].flatMap((id) => {
      const entry = this.#mirror.get(id);
      return entry && 'value' in entry ? [entry.value] : [];
    });
  }

  /** Its text is told here and nowhere else. `expiresIn` in milliseconds, `ca` as in the text. */
  async create(
    { expiresIn, ...terms }: Pick<StoredJoinCode, 'description' | 'created_by'> & { expiresIn: number },
    ca: string | undefined,
  ): Promise<{ code: StoredJoinCode; text: string }> {
    const now = this.#o.clock();
    const id = randomBytes(ID_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const code: StoredJoinCode = {
      ...terms,
      id,
      hash: sha256(secret),
      created_at: instant(now),
      expires_at: instant(now + expiresIn),
    };
    await this.#write(code, 0);
    return { code, text: joinCodeText({ id, secret, ...(ca === undefined ? {} : { ca }) }) };
  }

  /** `not_found`; one that is revoked already stays as it is. Whoever has used it before stays in. */
  async revoke(id: string): Promise<StoredJoinCode> {
    for (;;) {
      const stored = await this.#stored(id);
      if (stored === undefined) throw new KanadeError('not_found', `there is no join code ${id}`);
      if (stored.code.revoked_at !== undefined) return stored.code;
      const revoked = { ...stored.code, revoked_at: instant(this.#o.clock()) };
      if (await this.#tryWrite(revoked, stored.revision)) return revoked;
    }
  }

  /** Takes away all trace of one that has been over for long. */
  async forget(id: string): Promise<void> {
    await kvDelete(this.#o.nats, 'join_codes', id);
  }

  /** The code that this text is. `join_code_unknown` when there is none like it. Takes the same time for every wrong secret. */
  async find(text: string): Promise<StoredJoinCode> {
    const read = readJoinCode(text);
    const stored = read && (await this.#stored(read.id));
    if (read !== undefined && stored !== undefined) {
      const [given, known] = [Buffer.from(sha256(read.secret)), Buffer.from(stored.code.hash)];
      if (given.length === known.length && timingSafeEqual(given, known)) return stored.code;
    }
    throw new KanadeError('join_code_unknown', 'there is no such join code');
  }

  /** Uses it up for this backend: `join_code_used`, `join_code_expired`, `join_code_revoked`. The same backend with the same keys may again. */
  async claim(id: string, who: { backendId: string; digest: string }): Promise<void> {
    for (;;) {
      const stored = await this.#stored(id);
      if (stored === undefined) throw new KanadeError('join_code_unknown', 'there is no such join code');
      const use = useCode(stored.code, who, instant(this.#o.clock()));
      if (use.kind === 'refused') throw new KanadeError(`join_code_${use.state}`);
      if (use.kind === 'again' || (await this.#tryWrite(use.code, stored.revision))) return;
    }
  }

  async #stored(id: string): Promise<{ code: StoredJoinCode; revision: number } | undefined> {
    const stored = await kvGet(this.#o.nats, 'join_codes', id);
    return stored && { code: decode(StoredJoinCode, stored.value), revision: stored.revision };
  }

  async #tryWrite(code: StoredJoinCode, revision: number): Promise<boolean> {
    try {
      await this.#write(code, revision);
      return true;
    } catch (error) {
      if (error instanceof KanadeError && error.code === 'precondition_failed') return false;
      throw error;
    }
  }

  async #write(code: StoredJoinCode, revision: number): Promise<void> {
    this.#mirror.accept(code.id, code, await kvCompareAndSet(this.#o.nats, 'join_codes', code.id, encode(code), revision));
  }
}
