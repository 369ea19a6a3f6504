import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from './temp.ts';

/** A disk of its own that can be filled and made read-only; only root may mount one, and only on Linux. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0 && mountWorks();

export interface SmallDisk extends AsyncDisposable {
  path: string;
  setReadOnly(readOnly: boolean): void;
}

export async function smallDisk(size: string): Promise<SmallDisk> {
  const temp = await tempDir();
  const path = join(temp.path, 'disk');
  mkdirSync(path);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  return {
    path,
    setReadOnly: (readOnly) => {
      execFileSync('mount', ['-o', `remount,${readOnly ? 'ro' : 'rw'}`, path]);
    },
    [Symbol.asyncDispose]: async () => {
      execFileSync('umount', [path]);
      await temp[Symbol.asyncDispose]();
    },
  };
}

/** Containers often run as root and may mount nothing all the same. */
function mountWorks(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
