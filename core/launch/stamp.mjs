import { createHash } from 'node:crypto';

/** What the installed packages depend on: the lock file and the kind of machine. Two equal stamps need no installation between. */
export function stampOf(lock, platform, arch) {
  // Without regard to how a checkout ends its lines.
  const text = lock.replace(/\r\n/g, '\n');
  return createHash('sha256').update(`${platform} ${arch}\n${text}`).digest('hex');
}
