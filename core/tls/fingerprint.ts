import { createHash, X509Certificate } from 'node:crypto';

/** Every certificate in a PEM text, in its order; none when there is none. Throws on one that cannot be parsed. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((block) => new X509Certificate(block));
}

/** What an enrolment token says of the CA, so that a PC knows it before it trusts anybody: SHA-256 of the first certificate, base64url. */
export function fingerprintOf(pem: string): string {
  const [first] = certificatesIn(pem);
  if (first === undefined) throw new Error('there is no certificate in it');
  return hashOf(first);
}

/**
 * PEM of the one certificate with that fingerprint, out of what somebody who is not trusted yet has sent: whatever else came with it
 * is not to be trusted either.
 */
export function certificateWith(fingerprint: string, pem: string): string | undefined {
  return certificatesIn(pem)
    .find((certificate) => hashOf(certificate) === fingerprint)
    ?.toString();
}

function hashOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}
