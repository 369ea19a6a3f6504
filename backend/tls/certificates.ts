import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { certificateEnd } from '#core/nats/certificate-look.ts';
import { certificatesIn } from '#core/tls/fingerprint.ts';
import { DAY, daysUntil, endsSoon } from './ends-soon.ts';

export type CertificateOf = 'api' | 'broker' | 'ca';

export interface CertificatesOptions {
  /** When what the API shows ends; undefined without TLS. */
  api: () => Date | undefined;
  /** Of the broker, as the backend connects to them, and PEM of what they are checked against. */
  servers: readonly string[];
  brokerCa: () => string | undefined;
  /** PEM of our own CA; undefined where there is none. */
  caFile: () => string | undefined;
  /** Milliseconds since 1970. */
  wall: () => number;
  log: Pick<Log, 'warn'>;
  /** Milliseconds between two looks. */
  every?: number;
}

const LOOK_EVERY = 600_000;

/**
 * When each certificate of this installation ends. The broker is asked for what it shows, whoever runs it; of the API's the log
 * is told where it is read (server-tls.ts).
 */
export class Certificates {
  readonly #o: CertificatesOptions;
  readonly #ends = new Map<CertificateOf, Date>();
  readonly #saidAt = new Map<CertificateOf, number>();

  constructor(options: CertificatesOptions) {
    this.#o = options;
  }

  all(): { what: CertificateOf; ends: Date }[] {
    const api = this.#o.api();
    const others = [...this.#ends].map(([what, ends]) => ({ what, ends }));
    return [...(api === undefined ? [] : [{ what: 'api' as const, ends: api }]), ...others];
  }

  /** What an admin should see to, in words. */
  warnings(): string[] {
    const now = this.#o.wall();
    return this.all()
      .filter(({ ends }) => endsSoon(ends, now))
      .map(({ what, ends }) => `${WORDS[what]} ${ends.getTime() < now ? 'has expired' : `ends in ${daysUntil(ends, now)} days`}`);
  }

  /** Looks for as long as `signal` allows. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.look();
      await sleep(this.#o.every ?? LOOK_EVERY, undefined, { signal }).catch(() => {});
    }
  }

  async look(): Promise<void> {
    const { servers, brokerCa, caFile } = this.#o;
    try {
      const shown = await Promise.all(servers.map((server) => certificateEnd(server, servers, brokerCa)));
      const known = shown.filter((ends) => ends !== undefined).sort((a, b) => a.getTime() - b.getTime());
      if (known[0] !== undefined) this.#ends.set('broker', known[0]);
      const path = caFile();
      const [ca] = path === undefined ? [] : certificatesIn(await readFile(path, 'utf8'));
      if (ca !== undefined) this.#ends.set('ca', ca.validToDate);
    } catch (error) {
      this.#o.log.warn({ error: messageOf(error) }, 'the certificates cannot be looked at');
    }
    this.#warn();
  }

  #warn(): void {
    const { wall, log } = this.#o;
    const now = wall();
    for (const [what, ends] of this.#ends) {
      if (!endsSoon(ends, now) || now - (this.#saidAt.get(what) ?? Number.NEGATIVE_INFINITY) < DAY) continue;
      this.#saidAt.set(what, now);
      const over = ends.getTime() < now;
      log.warn(
        { what, ends: ends.toISOString(), ...(over ? { code: 'certificate_expired' } : {}) },
        `${WORDS[what]} ${over ? 'has expired' : 'ends soon'}`,
      );
    }
  }
}

const WORDS: Record<CertificateOf, string> = {
  api: 'the certificate of the API',
  broker: 'the certificate of the broker',
  ca: 'the certificate of our own CA',
};
