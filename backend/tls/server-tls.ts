import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { TlsSettings } from '#core/settings/settings.ts';
import { certificatesIn } from '#core/tls/fingerprint.ts';
import { identityFolder } from '../identity/broker-keys.ts';
import { brokerCaFileIn, joinedFileIn } from '../identity/joined-file.ts';
import { type Protection, systemProtection } from '../identity/protection.ts';
import type { Pair } from './authority.ts';
import { DAY, daysUntil, endsSoon } from './ends-soon.ts';
import { neededNames } from './names.ts';
import { caFileIn, isFor, openCa, openServer } from './own-certificate.ts';
import { caOf, readCaFile, readSupplied } from './supplied-certificate.ts';

export interface ServerTlsOptions {
  /** Keeps `tls/` in it. */
  dataDir: string;
  settings: TlsSettings;
  /** Where something of ours listens with TLS, without ports. */
  hosts: readonly string[];
  log: Pick<Log, 'info' | 'warn'>;
  /** Milliseconds since 1970. */
  wall?: () => number;
  /** Milliseconds between two looks at the files. */
  every?: number;
  /** How the CA's key lies in its file. */
  protection?: Protection;
}

/** Where our own CA and certificate lie. */
export const tlsDirIn = (dataDir: string) => join(dataDir, 'tls');

const LOOK_EVERY = 10_000;

/**
 * The certificate that this machine shows. It is looked at again and again: what an admin has replaced, or what was
 * renewed here or by another process over the same folder, is told to whoever asked (`onChange`), and what does not fit leaves
 * everything as it is, said in the log.
 */
export class ServerTls implements Disposable {
  readonly #options: ServerTlsOptions;
  readonly #wall: () => number;
  readonly #protection: Protection;
  readonly #listeners = new Set<(pair: Pair) => void>();
  readonly #timer: NodeJS.Timeout;
  #pair: Pair;
  #ca: string | undefined;
  #looking = false;
  #fault = '';
  #warnedAt = Number.NEGATIVE_INFINITY;

  private constructor(options: ServerTlsOptions, protection: Protection, { pair, ca }: Shown) {
    this.#options = options;
    this.#protection = protection;
    this.#wall = options.wall ?? Date.now;
    this.#pair = pair;
    this.#ca = ca;
    this.#timer = setInterval(() => void this.look(), options.every ?? LOOK_EVERY);
    this.#timer.unref();
    this.#warnOf(pair);
  }

  /** Rejects with what is wrong with the files: nothing is to listen without a certificate that clients can take. */
  static async open(options: ServerTlsOptions): Promise<ServerTls> {
    const { protection = systemProtection() } = options;
    return new ServerTls(options, protection, await read(options, protection, (options.wall ?? Date.now)()));
  }

  /** Key and certificate, with those of the CAs between. */
  get pair(): Pair {
    return this.#pair;
  }

  /** PEM of what clients are to check it against; undefined when that is what every machine trusts. */
  get ca(): string | undefined {
    return this.#ca;
  }

  /** PEM of the one among them that the certificate leads to: whom to believe for somebody who is told of one. */
  get shownCa(): string | undefined {
    return this.#ca === undefined ? undefined : caOf(certificatesIn(this.#pair.cert), certificatesIn(this.#ca))?.toString();
  }

  get expiresAt(): Date {
    return new X509Certificate(this.#pair.cert).validToDate;
  }

  onChange(listener: (pair: Pair) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Never rejects. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { pair, ca } = await read(this.#options, this.#protection, this.#wall());
      this.#fault = '';
      this.#ca = ca;
      const changed = pair.cert !== this.#pair.cert || pair.key !== this.#pair.key;
      this.#pair = pair;
      if (changed) {
        this.#warnedAt = Number.NEGATIVE_INFINITY;
        this.#options.log.info({ expires_at: this.expiresAt.toISOString() }, 'there is a new certificate: it is shown from now on');
        for (const listener of this.#listeners) listener(pair);
      }
      this.#warnOf(pair);
    } catch (error) {
      // Said once for each thing that is wrong: an admin who replaces two files is between them for a moment.
      const code = error instanceof KanadeError ? error.code : undefined;
      if (messageOf(error) !== this.#fault) this.#options.log.warn({ code, error: messageOf(error) }, 'the new certificate is not taken');
      this.#fault = messageOf(error);
    } finally {
      this.#looking = false;
    }
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#listeners.clear();
  }

  /** Every day. Of ours there is nothing to say: it is renewed before. */
  #warnOf(pair: Pair): void {
    const { settings, log } = this.#options;
    const now = this.#wall();
    if (settings.files === undefined || now - this.#warnedAt < DAY) return;
    this.#warnedAt = now;
    const certificate = new X509Certificate(pair.cert);
    const days = daysUntil(certificate.validToDate, now);
    const file = settings.files.cert;
    if (days < 0) log.warn({ code: 'certificate_expired' satisfies ErrorCode, file }, 'the certificate has expired: no client takes it');
    else if (endsSoon(certificate.validToDate, now)) log.warn({ file, days }, 'the certificate ends soon: put a new one into its file');
    const missing = settings.publicNames.filter((name) => !isFor(certificate, name));
    if (missing.length > 0)
      log.warn({ code: 'certificate_wrong_name' satisfies ErrorCode, file, missing }, 'the certificate is not for a public_name');
  }
}

interface Shown {
  pair: Pair;
  ca: string | undefined;
}

async function read({ dataDir, settings, hosts }: ServerTlsOptions, protection: Protection, now: number): Promise<Shown> {
  if (settings.files !== undefined) {
    const ca = settings.ca === undefined ? undefined : await readCaFile(settings.ca);
    return { pair: await readSupplied(settings.files, ca), ca };
  }
  const dir = tlsDirIn(dataDir);
  const own = await openCa(dir, now, protection);
  const names = neededNames(settings.publicNames, hosts, { hostname: hostname(), addresses: addresses() });
  const pair = await openServer(dir, own, names, now);
  // A broker of somebody else's has a CA of its own: agents check both.
  return { pair, ca: settings.ca === undefined ? own.cert : own.cert + (await readCaFile(settings.ca)) };
}

function addresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((card) =>
    (card ?? []).filter(({ internal }) => !internal).map(({ address }) => address),
  );
}

/**
 * The file with the CA that clients on this machine check broker and API against; undefined = what the machine trusts. Our own
 * counts once it has been made; a backend that has joined others goes by theirs, if they have one.
 */
export function caFileFor(dataDir: string, settings: TlsSettings): string | undefined {
  if (settings.ca !== undefined) return settings.ca;
  const folder = identityFolder(dataDir);
  const told = brokerCaFileIn(folder);
  if (existsSync(joinedFileIn(folder))) return existsSync(told) ? told : undefined;
  return ownCaFile(dataDir, settings);
}

/** Where our own CA lies, once it has been made; undefined where the certificates are supplied. */
export function ownCaFile(dataDir: string, settings: TlsSettings): string | undefined {
  const own = caFileIn(tlsDirIn(dataDir));
  return settings.files === undefined && existsSync(own) ? own : undefined;
}
