import { object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { type DataProtection, dataProtection, windowsPowershell } from '#core/process/data-protection.ts';

/** How secrets lie in files. Files are owner-only either way (atomicWrite), which on Windows means nothing. */
export interface Protection {
  wrap(secret: Uint8Array): Promise<Uint8Array>;
  unwrap(kept: Uint8Array): Promise<Uint8Array>;
}

/** The rights on the file alone. */
export const FILE_RIGHTS: Protection = {
  wrap: async (secret) => secret,
  unwrap: async (kept) => kept,
};

/** What this system offers: on Windows only the account that the backend runs as can read them, and only there. */
export function systemProtection(platform: NodeJS.Platform = process.platform, env: NodeJS.ProcessEnv = process.env): Protection {
  return platform === 'win32' ? encryptedBy(dataProtection(windowsPowershell(env))) : FILE_RIGHTS;
}

const Encrypted = object({ protected: string() });

export function encryptedBy({ protect, unprotect }: DataProtection): Protection {
  // Each time takes a process, and some files are looked at every few seconds.
  let last: { kept: Uint8Array; secret: Uint8Array } | undefined;
  return {
    async wrap(secret) {
      return encode({ protected: Buffer.from(await protect(secret)).toString('base64') });
    },
    async unwrap(kept) {
      if (last !== undefined && Buffer.compare(last.kept, kept) === 0) return last.secret;
      const secret = await unprotect(Buffer.from(decode(Encrypted, kept).protected, 'base64'));
      if (secret === undefined)
        throw new KanadeError('bad_message', 'it was encrypted for another account or on another Windows: --import-keys restores it');
      last = { kept, secret };
      return secret;
    },
  };
}
