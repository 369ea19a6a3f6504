import { createInterface } from 'node:readline';

/** The flag by which kanade-host.exe starts a program as a service. */
const FLAG = '--service';

/** Whether this program is a service of Windows: kanade-host.exe is at the other end of its standard input and output. */
export function isService(argv: readonly string[]): boolean {
  return argv.includes(FLAG);
}

const whenSettingsChange = new Set<() => void>();

/** Calls that when the host says that the registry may say something else to this program by now. */
export function onSettingsChanged(listener: () => void): void {
  whenSettingsChange.add(listener);
}

/** Calls `end` with the reason when the host wants this program to end: it says why, or simply hangs up. */
export function whenHostEnds(end: (why: string) => void): void {
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    const [, reason] = /^stop (\w+)$/.exec(line) ?? [];
    if (reason !== undefined) end(reason);
    else if (line === 'settings changed') for (const listener of whenSettingsChange) listener();
  });
  lines.once('close', () => end('the service is stopped'));
  // Listening is no reason to stay.
  process.stdin.unref();
}

/**
 * Tells the host, where there is one: `ready` is that the service runs, `healthy` whether it has reached whom it is for or should
 * have, `unproven` that nobody can tell; `update` that another version lies there, which runs once this program has ended.
 */
export function tellHost(line: 'ready' | 'healthy connected' | 'healthy offline' | 'unproven' | `update ${string}`): void {
  if (isService(process.argv)) process.stdout.write(`@kanade ${line}\n`);
}
