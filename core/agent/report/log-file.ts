import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { LOG_FORMAT } from '#core/process/log-format.ts';

export interface AgentLog {
  logger: Logger;
  /** The end of the newest log file, at most `maxBytes`. */
  tail(maxBytes: number): Promise<{ text: string; truncated: boolean }>;
}

const FILE_BYTES = 5 * 1024 * 1024;
const FILES = 3;
const NAME = /^agent\.(\d+)\.log$/;

/**
 * JSON lines to stdout and to `agent.<n>.log`: a new file every 5 MB, the last three kept. Not pino-roll, which does the
 * same and costs an idle agent 16 MB of memory.
 * `open`: said in each line, for a program without identities.
 */
export function openLog(dir: string, level: pino.LevelWithSilent, { open = false, fileBytes = FILE_BYTES } = {}): AgentLog {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  let n = Math.max(1, ...numbers(dir));
  const path = (number = n) => join(dir, `agent.${number}.log`);
  const file = pino.destination({ dest: path(), append: true, sync: true, mode: 0o600 });
  let written = statSync(path()).size;
  file.on('write', (bytes: number) => {
    written += bytes;
    if (written < fileBytes) return;
    written = 0;
    // Where that fails the old one goes on for as long again.
    if (!make(path(n + 1))) return;
    n++;
    file.reopen(path());
    removeOld(dir, n - FILES);
  });
  // A log that cannot be written (disk full) must not end the agent; the heartbeat tells of the disk.
  file.on('error', () => {});
  const logger = pino(
    { ...LOG_FORMAT, level, base: { program: 'agent', ...(open ? { open } : {}) } },
    pino.multistream([pino.destination(1), file].map((stream) => ({ level: 'trace', stream }))),
  );
  return { logger, tail: (maxBytes) => tailOf(path(), maxBytes, n > 1) };
}

function numbers(dir: string): number[] {
  return readdirSync(dir).flatMap((name) => Number(NAME.exec(name)?.[1] ?? []));
}

function make(path: string): boolean {
  try {
    closeSync(openSync(path, 'a', 0o600));
    return true;
  } catch {
    return false;
  }
}

/** What somebody holds open, as Windows lets him, goes when the next file is begun. */
function removeOld(dir: string, last: number): void {
  try {
    for (const old of numbers(dir).filter((number) => number <= last)) rmSync(join(dir, `agent.${old}.log`), { force: true });
  } catch {
    // Nobody reads a line about a log for it, and it must not end the agent.
  }
}

async function tailOf(path: string, maxBytes: number, earlier: boolean): Promise<{ text: string; truncated: boolean }> {
  const { size } = await stat(path);
  await using handle = await open(path);
  const length = Math.min(size, maxBytes);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  const text = buffer.toString('utf8');
  // What was cut in the middle of a line is no line.
  return { text: length < size ? text.slice(text.indexOf('\n') + 1) : text, truncated: length < size || earlier };
}
