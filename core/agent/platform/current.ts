import type { Platform } from './platform.ts';
import { posixPlatform } from './posix.ts';
import { windowsPlatform } from './windows.ts';

/** The platform this process runs on. */
export function currentPlatform(): Platform {
  return process.platform === 'win32' ? windowsPlatform() : posixPlatform();
}
