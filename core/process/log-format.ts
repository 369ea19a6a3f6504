import pino, { type LoggerOptions } from 'pino';

/** How every program of ours writes its lines: pino's own milliseconds and level numbers tell an admin nothing. */
export const LOG_FORMAT: Pick<LoggerOptions, 'timestamp' | 'formatters'> = {
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (level) => ({ level }) },
};
