import { STREAMS } from '#core/contract/streams.ts';

/** The streams that are projected, each by a durable of its own (the seeds' names). A bucket is a stream too. */
export const PROJECTED = ['EXECUTIONS', 'EVENTS', 'RESULTS', 'AUDIT', 'KV_completions'] as const;
export type ProjectedStream = (typeof PROJECTED)[number];

const FILTERS: Record<ProjectedStream, string> = {
  EXECUTIONS: 'executions.>',
  EVENTS: 'events.>',
  RESULTS: 'results.>',
  AUDIT: 'audit.>',
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
