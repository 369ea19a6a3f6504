import type { Log } from '#core/contract/log.ts';

export const quietLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
