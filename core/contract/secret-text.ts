/** What an admin carries from a server to another machine: a secret that counts there, and whom to believe to be that server. */
export interface SecretText {
  id: string;
  /** 32 bytes in base64url. */
  secret: string;
  /** SHA-256 of the CA's certificate (DER) in base64url: whom to believe at the first contact. */
  ca?: string;
}

/** A secret of 32 bytes, and so is the SHA-256 of a certificate: in base64url both have 43 characters. */
const REST = /^([A-Za-z0-9]{1,64})_([A-Za-z0-9_-]{43})(?:_([A-Za-z0-9_-]{43}))?$/;

/** `<prefix>_<id>_<secret>[_<ca>]`. */
export function writeSecretText(prefix: string, { id, secret, ca }: SecretText): string {
  return `${prefix}_${id}_${secret}${ca === undefined ? '' : `_${ca}`}`;
}

/** Undefined when it has not the form of one. */
export function readSecretText(prefix: string, text: string): SecretText | undefined {
  if (!text.startsWith(`${prefix}_`)) return undefined;
  const [, id, secret, ca] = REST.exec(text.slice(prefix.length + 1)) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  return { id, secret, ...(ca === undefined ? {} : { ca }) };
}
