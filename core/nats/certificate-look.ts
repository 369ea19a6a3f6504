import type { X509Certificate } from 'node:crypto';
import { connect } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { TlsOptions } from 'nats';
import { certificateFault } from '#core/tls/certificate-fault.ts';
import { tlsOptions } from './tls-options.ts';

/** Milliseconds between two looks while the broker is away, and for one of them. */
const LOOK_EVERY = 60_000;
const PATIENCE = 5000;

export interface CertificateLookOptions {
  servers: readonly string[];
  tls: TlsOptions;
  /** Milliseconds, monotonic. */
  mono: () => number;
  log: { warn(o: object, m: string): void };
}

/**
 * The library tries on without a word when it comes back to a broker whose certificate is not to be trusted any more. So while it
 * tries, a handshake of our own says why, once for each thing that is wrong.
 */
export class CertificateLook {
  readonly #options: CertificateLookOptions;
  readonly #said = new Set<string>();
  #answeredAt = Number.NEGATIVE_INFINITY;
  #looking = false;

  constructor(options: CertificateLookOptions) {
    this.#options = options;
  }

  /** It is being tried again. Never rejects. */
  async trying(): Promise<void> {
    const { servers, tls, mono, log } = this.#options;
    if (this.#looking || mono() - this.#answeredAt < LOOK_EVERY) return;
    this.#looking = true;
    for (const server of servers) {
      const { answered, error } = await handshake(new URL(server), tls);
      if (answered) this.#answeredAt = mono();
      const fault = certificateFault(server, error);
      if (fault === undefined || this.#said.has(fault.message)) continue;
      this.#said.add(fault.message);
      log.warn({ server, code: fault.code, error: fault.message }, 'the broker is not connected to');
    }
    this.#looking = false;
  }

  back(): void {
    this.#said.clear();
    this.#answeredAt = Number.NEGATIVE_INFINITY;
  }
}

/** When the certificate that `server` shows ends, whether it is to be trusted or not; undefined when it shows none. */
export async function certificateEnd(server: string, servers: readonly string[], ca: () => string | undefined): Promise<Date | undefined> {
  const tls = tlsOptions(servers, ca);
  if (tls === undefined) return undefined;
  const { shown } = await handshake(new URL(server), { ...tls, rejectUnauthorized: false } as TlsOptions);
  return shown?.validToDate;
}

/** Whether anybody answered, what was shown, and what went wrong. */
function handshake(url: URL, tls: TlsOptions): Promise<{ answered: boolean; error?: Error; shown?: X509Certificate }> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const plain = connect({ host, port: Number(url.port || 4222), timeout: PATIENCE });
  return new Promise((resolve) => {
    let answered = false;
    const done = (error?: Error, shown?: X509Certificate) => {
      plain.destroy();
      resolve({ answered, ...(error === undefined ? {} : { error }), ...(shown === undefined ? {} : { shown }) });
    };
    plain.once('timeout', () => done());
    plain.on('error', () => done());
    plain.once('close', () => done());
    const begin = () => {
      answered = true;
      const socket = connectTls({ ...optionsOf(tls), socket: plain, servername: isName(host) ? host : '' });
      socket.once('secureConnect', () => done(undefined, socket.getPeerX509Certificate()));
      socket.on('error', (error) => done(error));
    };
    if (tls.handshakeFirst) plain.once('connect', begin);
    else plain.once('data', begin);
  });
}

function optionsOf(tls: TlsOptions): ConnectionOptions {
  return { ...tls } as ConnectionOptions;
}

/** An address is nobody's server name. */
function isName(host: string): boolean {
  return !/^[\d.]+$/.test(host) && !host.includes(':');
}
