import { createHash, X509Certificate } from 'node:crypto';

/** Every certificate in a PEM text, in its order; none when there is none. Throws on one that cannot be parsed. */
export function certificatesIn(pem: string): X509Certificate[] {
  return blocksIn(pem).map((block) => new X509Certificate(block));
}

function blocksIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g) ?? [];
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
  for (const block of blocksIn(pem)) {
    const certificate = parsed(block);
    if (certificate !== undefined && hashOf(certificate) === fingerprint) return certificate.toString();
  }
  return undefined;
}

/** Undefined for what is no certificate: rubbish before the right one is no reason to miss it. */
function parsed(block: string): X509Certificate | undefined {
  try {
    return new X509Certificate(block);
  } catch {
    return undefined;
  }
}

function hashOf(certificate: X509Certificate): string {
  return createHash('sha256').update(certificate.raw).digest('base64url');
}
