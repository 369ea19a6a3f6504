import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere, readOrMake } from '#core/files/read-if-there.ts';
import { type Protection, systemProtection } from '../identity/protection.ts';
import type { Pair } from './authority.ts';

/**
 * The files of our own CA: `ca.pem` is for everybody, `ca-key.pem` (key and certificate) is for nobody else, and
 * `server.pem` is the server certificate with its key. Each is one file, so that no crash leaves two halves that do not fit.
 */
export const caFileIn = (dir: string) => join(dir, 'ca.pem');
const caKeyIn = (dir: string) => join(dir, 'ca-key.pem');
const serverIn = (dir: string) => join(dir, 'server.pem');

/** A third of its life before the end: an admin who is away for a month comes back to a certificate that counts. */
const RENEW_AT = 2 / 3;

/**
 * The CA in `dir`, made when there is none. One that cannot be read is never replaced in passing, for all that trust it would
 * have to learn of it: `certificate_unreadable`.
 */
export async function openCa(dir: string, now: number, protection: Protection = systemProtection()): Promise<Pair> {
  return readOrMake(
    dir,
    () => readCa(dir, protection),
    () => newCa(dir, now, protection),
  );
}

async function newCa(dir: string, now: number, protection: Protection): Promise<Pair> {
  const { makeCa } = await import('./authority.ts');
  const ca = await makeCa(now);
  await atomicWrite(caKeyIn(dir), await protection.wrap(Buffer.from(ca.key + ca.cert)));
  await atomicWrite(caFileIn(dir), ca.cert);
  return ca;
}

async function readCa(dir: string, protection: Protection): Promise<Pair | undefined> {
  const [kept, open] = await Promise.all([readOrSay(caKeyIn(dir)), readOrSay(caFileIn(dir))]);
  if (kept === undefined) {
    if (open === undefined) return undefined;
    throw new KanadeError(
      'certificate_unreadable',
      `${caKeyIn(dir)} is gone: put it back from the backup, or remove ${caFileIn(dir)} too, and there will be a new CA that every agent and admin has to be told of`,
    );
  }
  const ca = parsePair(caKeyIn(dir), await unwrapped(caKeyIn(dir), kept, protection));
  if (open?.toString() !== ca.cert) await atomicWrite(caFileIn(dir), ca.cert);
  return ca;
}

async function unwrapped(path: string, kept: Buffer, protection: Protection): Promise<string> {
  try {
    return new TextDecoder().decode(await protection.unwrap(kept));
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** The server certificate in `dir`, made anew when there is none, when it lacks a name, or when it is due. */
export async function openServer(dir: string, ca: Pair, names: readonly string[], now: number): Promise<Pair> {
  const text = await readOrSay(serverIn(dir));
  const there = text === undefined ? undefined : usable(text.toString(), ca, names, now);
  if (there !== undefined) return there;
  const { makeServerCertificate } = await import('./authority.ts');
  const pair = await makeServerCertificate({ ca, names, now });
  await atomicWrite(serverIn(dir), pair.key + pair.cert);
  return pair;
}

/** Undefined when another one has to be made, whatever the reason: it costs nothing, and clients look at the CA only. */
function usable(text: string, ca: Pair, names: readonly string[], now: number): Pair | undefined {
  try {
    const pair = parsePair('', text);
    const certificate = new X509Certificate(pair.cert);
    const authority = new X509Certificate(ca.cert);
    const [from, until] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
    const due = Math.min(from + (until - from) * RENEW_AT, until);
    const ours = certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
    return ours && now >= from && now < due && names.every((name) => isFor(certificate, name)) ? pair : undefined;
  } catch (error) {
    if (error instanceof KanadeError) return undefined;
    throw error;
  }
}

export function isFor(certificate: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
}

/** Key and certificate out of one text. `certificate_unreadable`, `certificate_key_mismatch`. */
function parsePair(path: string, text: string): Pair {
  const key = /-----BEGIN PRIVATE KEY-----[^-]*-----END PRIVATE KEY-----\n?/.exec(text)?.[0];
  const cert = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\n?/.exec(text)?.[0];
  if (key === undefined || cert === undefined)
    throw new KanadeError('certificate_unreadable', `${path} does not hold a key and a certificate`);
  try {
    if (new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) return { key, cert };
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  throw new KanadeError('certificate_key_mismatch', `${path} holds a key and a certificate that do not fit`);
}

async function readOrSay(path: string): Promise<Buffer | undefined> {
  try {
    return await readIfThere(path);
  } catch (error) {
    throw new KanadeError('certificate_unreadable', `${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}
