import { BUCKETS, type BucketSpec, STREAMS, type StreamSpec } from '#core/contract/streams.ts';

/** A stream as JetStream's API has it; times in nanoseconds. Only what we decide: the rest stays as the broker has it. */
export interface StreamConfig {
  name: string;
  subjects: readonly string[];
  retention: 'limits';
  storage: 'file';
  discard: 'new' | 'old';
  max_age: number;
  max_bytes: number;
  max_msgs: number;
  max_msg_size: number;
  max_msgs_per_subject: number;
  max_consumers: number;
  num_replicas: number;
  allow_direct: boolean;
  allow_rollup_hdrs: boolean;
  deny_delete: boolean;
}

const NANOS = 1_000_000_000;

/** Every stream and bucket of the contract. `fraction` of the wanted sizes, the same of each, for a store that is too small. */
export function wantedStreams(replicas: number, fraction = 1): StreamConfig[] {
  return [
    ...Object.values<StreamSpec>(STREAMS).map((spec) => ofStream(spec, replicas, fraction)),
    ...Object.values<BucketSpec>(BUCKETS).map((spec) => ofBucket(spec, replicas, fraction)),
  ];
}

/** Bytes of all of them together at full size, one replica. */
export function wantedBytes(): number {
  return wantedStreams(1).reduce((sum, { max_bytes }) => sum + max_bytes, 0);
}

function ofStream(spec: StreamSpec, replicas: number, fraction: number): StreamConfig {
  return {
    ...base(spec.name, replicas),
    subjects: spec.subjects,
    discard: spec.discard,
    max_age: spec.maxAge * NANOS,
    max_bytes: Math.floor(spec.maxBytes * fraction),
    max_msgs_per_subject: spec.maxMsgsPerSubject ?? -1,
    max_consumers: spec.maxConsumers ?? -1,
    allow_direct: spec.allowDirect ?? false,
  };
}

/** A bucket is a stream of a fixed form, the one that KV clients expect. */
function ofBucket(spec: BucketSpec, replicas: number, fraction: number): StreamConfig {
  return {
    ...base(`KV_${spec.name}`, replicas),
    subjects: [`$KV.${spec.name}.>`],
    discard: 'new',
    max_age: spec.ttl * NANOS,
    max_bytes: Math.floor(spec.maxBytes * fraction),
    max_msgs_per_subject: spec.history,
    max_consumers: -1,
    allow_direct: true,
    allow_rollup_hdrs: true,
    deny_delete: true,
  };
}

function base(name: string, num_replicas: number) {
  return {
    name,
    retention: 'limits',
    storage: 'file',
    max_msgs: -1,
    max_msg_size: -1,
    num_replicas,
    allow_rollup_hdrs: false,
    deny_delete: false,
  } as const;
}

/** The keys in which what is there differs from what is wanted. */
export function drift(there: Record<string, unknown>, wanted: StreamConfig): string[] {
  // The API leaves out what is false.
  return Object.entries(wanted)
    .filter(([key, value]) => JSON.stringify(there[key] ?? false) !== JSON.stringify(value))
    .map(([key]) => key);
}
