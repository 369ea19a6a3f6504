/**
 * How secrets lie in files: the seam for what an operating system offers beyond the rights on the file, such as DPAPI on
 * Windows. Files are owner-only either way (atomicWrite).
 */
export interface Protection {
  wrap(secret: Uint8Array): Promise<Uint8Array>;
  unwrap(kept: Uint8Array): Promise<Uint8Array>;
}

/** The rights on the file alone. */
export const FILE_RIGHTS: Protection = {
  wrap: async (secret) => secret,
  unwrap: async (kept) => kept,
};
