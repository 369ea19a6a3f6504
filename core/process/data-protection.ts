import { spawn } from 'node:child_process';
import { win32 } from 'node:path';
import { HOST } from '#core/installation.ts';

/** What Windows does for an account: bytes that this account alone, on this Windows alone, can read again. */
export interface DataProtection {
  protect(bytes: Uint8Array): Promise<Uint8Array>;
  /** Undefined when the bytes were encrypted by another account, or on another system. */
  unprotect(bytes: Uint8Array): Promise<Uint8Array | undefined>;
}

type Verb = 'protect' | 'unprotect';

/** Its exit code for bytes that are not for us to read. */
const NOT_OURS = 3;

/** By its absolute path: a search would look into folders that users can write to. */
export function windowsPowershell(env: NodeJS.ProcessEnv): string {
  return win32.join(env.SystemRoot ?? 'C:\\Windows', 'System32', 'WindowsPowerShell', 'v1.0', 'powershell.exe');
}

/** DPAPI for the account that this process runs as. It costs a process each time. */
export function dataProtection(powershell: string): DataProtection {
  return {
    protect: async (bytes) => (await through(doer('protect', powershell), bytes))!,
    unprotect: (bytes) => through(doer('unprotect', powershell), bytes),
  };
}

/** Who does it. A clone has no kanade-host.exe, and PowerShell does the same there. */
function doer(verb: Verb, powershell: string): [file: string, ...args: string[]] {
  if (HOST !== undefined) return [HOST, verb];
  return [powershell, '-NoLogo', '-NoProfile', '-NonInteractive', '-Command', script(verb === 'protect' ? 'Protect' : 'Unprotect')];
}

function script(verb: 'Protect' | 'Unprotect'): string {
  return [
    "$ErrorActionPreference = 'Stop'",
    'Add-Type -AssemblyName System.Security',
    '$given = [Convert]::FromBase64String([Console]::In.ReadToEnd())',
    `try { $made = [Security.Cryptography.ProtectedData]::${verb}($given, $null, 'CurrentUser') }`,
    `catch { if ($_.Exception.GetBaseException() -is [Security.Cryptography.CryptographicException]) { exit ${NOT_OURS} }; throw }`,
    '[Console]::Out.Write([Convert]::ToBase64String($made))',
  ].join('\n');
}

/** Bytes come and go as Base64 by standard input and output: any user may read command lines. */
function through([file, ...args]: [string, ...string[]], bytes: Uint8Array): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { windowsHide: true });
    const out: Buffer[] = [];
    const problem: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => out.push(part));
    child.stderr.on('data', (part: Buffer) => problem.push(part));
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.from(Buffer.concat(out).toString('ascii'), 'base64'));
      else if (code === NOT_OURS) resolve(undefined);
      else reject(new Error(`the data protection of Windows failed: ${Buffer.concat(problem).toString('utf8').trim()}`));
    });
    child.stdin.end(Buffer.from(bytes).toString('base64'));
  });
}
