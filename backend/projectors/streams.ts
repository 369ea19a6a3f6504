import { STREAMS } from '#core/contract/streams.ts';

/** The streams that are projected, each by a durable of its own (the seeds' names). A bucket is a stream too. */
export const PROJECTED = ['EXECUTIONS', 'EVENTS', 'RESULTS', 'AUDIT', 'INVENTORY', 'KV_completions'] as const;
export type ProjectedStream = (typeof PROJECTED)[number];

const FILTERS: Record<ProjectedStream, string> = {
  EXECUTIONS: 'executions.>',
  EVENTS: 'events.>',
  RESULTS: 'results.>',
  AUDIT: 'audit.>',
  INVENTORY: 'inventory.>',
  KV_completions: '$KV.completions.>',
};

export function filterOf(stream: ProjectedStream): string {
  return FILTERS[stream];
}

/** `suffix` is empty on the backend whose durables carry the seeds' names, `_<backend id>` on others. */
export function durableOf(stream: ProjectedStream, suffix: string): string {
  return `backend_${stream.replace(/^KV_/, '').toLowerCase()}_projector${suffix}`;
}

/** How long its messages are kept, milliseconds; undefined = for good. */
export function keptFor(stream: ProjectedStream): number | undefined {
  return stream === 'KV_completions' ? undefined : STREAMS[stream].maxAge * 1000;
}

/** How much of a stream is asked for at once, and how many bytes of that go into one transaction at the most, but for one message. */
export interface Portion {
  messages: number;
  bytes: number;
}

/** 256 messages, as in the design, cost a quarter of the speed of a replay. */
const PORTION: Portion = { messages: 1024, bytes: 4 * 1024 * 1024 };
/** All projectors share one thread and one connection: results come in between the sections of a fleet that reports for the first time. */
const SMALL_PORTION: Portion = { messages: 64, bytes: 256 * 1024 };

export function portionOf(stream: ProjectedStream): Portion {
  return stream === 'INVENTORY' ? SMALL_PORTION : PORTION;
}
