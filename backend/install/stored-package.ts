import { type Infer, number, string, type } from 'superstruct';
import { Instant } from '#core/contract/time.ts';
import { Version } from '#core/contract/version.ts';
import { Sha256 } from '#core/release/manifest.ts';

/** `packages` bucket, key = `agent`: the package of Windows Installer that new PCs get. Its bytes lie among the files of releases. */
export const StoredPackage = type({ version: Version, sha256: Sha256, size: number(), uploaded_at: Instant, uploaded_by: string() });
export type StoredPackage = Infer<typeof StoredPackage>;
