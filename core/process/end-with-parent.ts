import { isService, whenHostEnds } from './service.ts';

/**
 * A signal that fires when this program is to end: Ctrl-C, SIGTERM, or the end of the process that started it, which shows as
 * the IPC channel closing, also when that process was killed. `reason` says which. That process may also ask for the end with
 * `{ type: 'stop', reason }`; the reason `reboot` says that the machine goes down. A service is told by its host (service.ts).
 * Call it once, first of all in a main.
 */
export function endWithParent(): AbortSignal {
  const controller = new AbortController();
  const end = (why: string) => controller.abort(new Error(why));
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => end(name));
  process.on('message', (message: { type?: unknown; reason?: unknown } | null) => {
    if (message?.type === 'stop') end(typeof message.reason === 'string' ? message.reason : 'asked to stop');
  });
  process.on('disconnect', () => end('the process that started this one is gone'));
  // Listening keeps the channel, and with it the process, alive: what has nothing left to do shall end by itself.
  process.channel?.unref();
  if (isService(process.argv)) whenHostEnds(end);
  return controller.signal;
}

/** Tells whoever started this program that it is ready; without such a parent nothing happens. */
export function tellParent(message: { type: string } & Record<string, unknown>): void {
  // The parent may be gone at this moment; then `disconnect` ends us anyway.
  process.send?.(message, undefined, undefined, () => {});
}
