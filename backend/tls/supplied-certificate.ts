import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { patiently } from '#core/files/atomic-write.ts';
import { certificatesIn } from '#core/tls/fingerprint.ts';
import type { Pair } from './authority.ts';

export interface SuppliedFiles {
  cert: string;
  key: string;
}

/**
 * Certificate and key that an admin has put there, checked as a client and the broker would: what does not fit is refused with the
 * file and what to do (`certificate_unreadable`, `certificate_key_mismatch`, `certificate_untrusted`), not met at the first connection.
 */
export async function readSupplied(files: SuppliedFiles, ca: string | undefined): Promise<Pair> {
  const [cert, key] = await Promise.all([readText(files.cert), readText(files.key)]);
  const chain = parseCertificates(files.cert, cert);
  const privateKey = parseKey(files.key, key);
  if (!chain[0]!.checkPrivateKey(privateKey)) {
    const words = `the key in ${files.key} is not that of the first certificate in ${files.cert}`;
    throw new KanadeError('certificate_key_mismatch', `${words}, which has to be the server's, those of its CAs after it`);
  }
  if (ca !== undefined && caOf(chain, certificatesIn(ca)) === undefined) {
    const words = `${files.cert} does not lead to any CA in KANADE_TLS_CA, against which agents check it`;
    throw new KanadeError(
      'certificate_untrusted',
      `${words}: put the certificates of the CAs between into ${files.cert}, or give the right CA`,
    );
  }
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

/** PEM of a CA file, as it is. */
export async function readCaFile(path: string): Promise<string> {
  const text = await readText(path);
  parseCertificates(path, text);
  return text;
}

function parseCertificates(path: string, text: string): X509Certificate[] {
  let found: X509Certificate[];
  try {
    found = certificatesIn(text);
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `a certificate in ${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
  if (found.length === 0) throw new KanadeError('certificate_unreadable', `there is no certificate in PEM in ${path}`);
  return found;
}

function parseKey(path: string, text: string): KeyObject {
  // Node says "bad decrypt" or "missing passphrase" of those, and the broker could not use one either.
  if (/ENCRYPTED/.test(text))
    throw new KanadeError('certificate_unreadable', `the key in ${path} is encrypted: it has to be without a passphrase`);
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `there is no private key in PEM in ${path}: ${messageOf(cause)}`, { cause });
  }
}

/** Follows the chain as a client does: each is signed by the next, and the last by one of the CAs, or is one of them. That CA. */
export function caOf(chain: readonly X509Certificate[], cas: readonly X509Certificate[]): X509Certificate | undefined {
  let last = chain[0]!;
  for (const next of chain.slice(1)) {
    if (!last.checkIssued(next) || !last.verify(next.publicKey)) break;
    last = next;
  }
  return cas.find((ca) => ca.raw.equals(last.raw) || (last.checkIssued(ca) && last.verify(ca.publicKey)));
}

async function readText(path: string): Promise<string> {
  try {
    return await patiently(() => readFile(path, 'utf8'));
  } catch (cause) {
    throw new KanadeError('certificate_unreadable', `${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
