/** The streams that are projected, each by a durable of its own (the seeds' names). */
export const PROJECTED = ['EXECUTIONS', 'EVENTS', 'RESULTS', 'AUDIT'] as const;
export type ProjectedStream = (typeof PROJECTED)[number];

const FILTERS: Record<ProjectedStream, string> = {
  EXECUTIONS: 'executions.>',
  EVENTS: 'events.>',
  RESULTS: 'results.>',
  AUDIT: 'audit.>',
};

export function filterOf(stream: ProjectedStream): string {
  return FILTERS[stream];
}

/** `suffix` is empty on the backend whose durables carry the seeds' names, `_<backend id>` on others. */
export function durableOf(stream: ProjectedStream, suffix: string): string {
  return `backend_${stream.toLowerCase()}_projector${suffix}`;
}
