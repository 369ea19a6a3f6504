import type { TrustedKeyEntry } from '#core/contract/enrolment.ts';

/** Who makes and unmakes what the broker lets a PC in with (backend/identity). Times in milliseconds since 1970. */
export interface Issuer {
  issue(what: { publicKey: string; pcId: string; now: number }): Promise<{ jwt: string; expiresAt: number }>;
  /** From now on the key opens nothing, for good, and a connection by it ends. The same again changes nothing. */
  revoke(what: { publicKey: string; pcId: string; by: string }): Promise<void>;
  isRevoked(publicKey: string): boolean;
}

/** What a PC that enrols is told, and who signs it. */
export interface IdentityParts {
  issuer: Issuer;
  /** Where the broker is, as a PC reaches it. */
  servers: readonly string[];
  commandKeys(): TrustedKeyEntry[];
  /** URLs of the APIs of the other backends. */
  otherApis(): string[];
}
