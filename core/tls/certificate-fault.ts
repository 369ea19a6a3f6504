import { type ErrorCode, KanadeError, messageOf } from '#core/contract/errors.ts';

const EXPIRED = ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'];
const UNTRUSTED = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
];
const NO_TLS = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'ERR_SSL_RECORD_LAYER_FAILURE', 'SERVER_OPT_NA'];

/**
 * What is wrong with the certificate of `server`, in words that say what to do, when that is why an attempt to connect has failed;
 * else undefined. OpenSSL's own words leave an admin guessing.
 */
export function certificateFault(server: string, error: unknown): KanadeError | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; depth++) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    const found = wordsFor(server, code, cause);
    if (found !== undefined) return new KanadeError(found[0], found[1], { cause: error });
    cause = cause.cause ?? (cause as { chainedError?: unknown }).chainedError;
  }
  return undefined;
}

function wordsFor(server: string, code: string, cause: Error): [ErrorCode, string] | undefined {
  if (EXPIRED.includes(code)) {
    return [
      'certificate_expired',
      `the certificate of ${server} ${code === 'CERT_HAS_EXPIRED' ? 'has expired' : 'is not valid yet'}, or the clock here is wrong`,
    ];
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const { reason } = cause as Error & { reason?: string };
    return [
      'certificate_wrong_name',
      `the certificate of ${server} is for another server (${reason ?? messageOf(cause)}): connect by a name that it has, or set KANADE_PUBLIC_NAME there`,
    ];
  }
  if (UNTRUSTED.includes(code)) {
    return [
      'certificate_untrusted',
      `the certificate of ${server} is from a CA that is not trusted here (${code}): somebody else answers, or it was made anew and its CA has to be given (KANADE_TLS_CA; a PC takes another enrolment token as well)`,
    ];
  }
  // While it is still being written to, Node has but the general code for it.
  if (NO_TLS.includes(code) || (code === 'EPROTO' && cause.message.includes('wrong version number')))
    return ['tls_missing', `${server} does not speak TLS`];
  return undefined;
}
