import pino, { type LoggerOptions } from 'pino';

/** How every program of ours writes its lines: pino's own milliseconds and level numbers tell an admin nothing. */
export const LOG_FORMAT: Pick<LoggerOptions, 'timestamp' | 'formatters'> = {
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
};

const TROUBLE = ['warn', 'error', 'fatal'];

/** What was warned of last, in a text of such lines whose first may be cut: its code, its message and what was wrong. */
export function lastTrouble(text: string): string | undefined {
  return text
    .split('\n')
    .flatMap((line) => troubleIn(line) ?? [])
    .at(-1);
}

function troubleIn(line: string): string | undefined {
  let said: unknown;
  try {
    said = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { level, msg, code, error } = Object(said) as Record<string, unknown>;
  if (!TROUBLE.includes(String(level))) return undefined;
  return [code, msg, error].filter((part) => typeof part === 'string').join(': ');
}
