// The library decorates its classes when it is loaded, for which this has to be there.
import 'reflect-metadata';

import { createPrivateKey, KeyObject, randomBytes, webcrypto, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

// Making certificates; whoever only serves one does not load this. P-256, which every client from Windows PowerShell 5.1 on knows.

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;
const CA_DAYS = 3653;
/** Days a server certificate counts. It is made anew long before (server-tls.ts). */
const SERVER_DAYS = 90;
/** Clients whose clock is a little behind are no reason to fail. */
const EARLIER = DAY;

export interface Pair {
  /** PEM. */
  cert: string;
  /** PKCS#8 PEM. */
  key: string;
}

/** A CA of our own, for ten years. `now` in milliseconds since 1970. */
export async function makeCa(now: number): Promise<Pair> {
  const keys = await newKeys();
  // A name that no other CA has: whoever trusts several of ours finds the right one.
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    name: `CN=Kanade CA ${randomBytes(4).toString('hex')}`,
    notBefore: new Date(now - EARLIER),
    notAfter: new Date(now + CA_DAYS * DAY),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: pemOf(certificate), key: pemOfKey(keys.privateKey) };
}

export interface ServerRequest {
  ca: Pair;
  /** Host names and addresses; the first becomes the certificate's own name. */
  names: readonly string[];
  now: number;
  /** Default 90. */
  days?: number;
}

/** A certificate for these names, with a key of its own. */
export async function makeServerCertificate({ ca, names, now, days = SERVER_DAYS }: ServerRequest): Promise<Pair> {
  const keys = await newKeys();
  const issuer = new x509.X509Certificate(ca.cert);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: [{ CN: [names[0]!.slice(0, 64)] }],
    issuer: issuer.subject,
    notBefore: new Date(now - EARLIER),
    // None counts for longer than its CA.
    notAfter: new Date(Math.min(now + days * DAY, new X509Certificate(ca.cert).validToDate.getTime())),
    publicKey: keys.publicKey,
    signingKey: createPrivateKey(ca.key).toCryptoKey(ALGORITHM, false, ['sign']),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }) as const)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { cert: pemOf(certificate), key: pemOfKey(keys.privateKey) };
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
}

/** Positive, and without a zero at the front, as DER would have it. */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0]! & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function pemOf(certificate: x509.X509Certificate): string {
  return `${certificate.toString('pem')}\n`;
}

function pemOfKey(key: webcrypto.CryptoKey): string {
  return KeyObject.from(key).export({ type: 'pkcs8', format: 'pem' }).toString();
}
