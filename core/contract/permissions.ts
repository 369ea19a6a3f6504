import { cancelledKey } from './control.ts';
import { KINDS_OF_AGENTS } from './events.ts';
import { liveCommandSubjects, replayDurable } from './subjects.ts';

/**
 * What one PC may do at the broker, and nothing else: the one place that says so (design section 7).
 *
 * PCs have an account of their own without JetStream. What they say reaches the backends' account by imports, because the
 * broker answers to whatever subject the asker names, unchecked: in one account with the streams a PC had the broker's own
 * answers delete streams and write values for it. An answer to an import stays in the account of whoever asked.
 */
export interface Permissions {
  publish: string[];
  subscribe: string[];
}

export const CONSUMER_INFO = '$JS.API.CONSUMER.INFO';
/**
 * Where a PC asks the same: there the broker would answer for the PCs' own account as well. Three words at most before a
 * wildcard: nats-server 2.10 ends with an error of its own when one of its answers, which have three, comes to a longer one.
 */
export const PC_CONSUMER_INFO = 'info';

/** Something that PCs may ask of JetStream. */
export interface Ask {
  /** With `*` for what differs. */
  subject: string;
  /** What PCs call it, where that is something else; `$1` and on for the wildcards. */
  here?: string;
  /** More than one answer may come. */
  many?: boolean;
}

/** An acknowledgement has five numbers. Without `>`, for `$JS.ACK.EXEC.<mine>.>` and the like also match those of other durables. */
const ACK_NUMBERS = '*.*.*.*.*';

/** What a PC may read of the buckets. A `*` at the end would let it ask for `>`, which is whatever came last: where that is another PC's, there is none. */
const READABLE: readonly (readonly [bucket: string, key: (pc: string) => string])[] = [
  ['agents', (pc) => pc],
  ['agent_groups', (pc) => pc],
  ['config', () => '>'],
  ['script_status', () => '*'],
  ['script_current', () => '*'],
  ['blobs', () => '*'],
  ['cancelled', (pc) => cancelledKey('*', pc)],
];

function reads(pc: string): string[] {
  return READABLE.map(([bucket, key]) => `$JS.API.DIRECT.GET.KV_${bucket}.$KV.${bucket}.${key(pc)}`);
}

/** `pc` folded; `pc` and `durable` may be words that the broker puts the PC's own in for. */
export function pcPermissions(pc: string, durable = replayDurable(pc)): Permissions {
  return {
    subscribe: [...liveCommandSubjects(pc), `control.${pc}.*`, `${inboxPrefix(pc)}.>`],
    publish: [
      `events.started.*.${pc}`,
      ...KINDS_OF_AGENTS.map((kind) => `events.agent.${kind}.${pc}`),
      `results.*.${pc}`,
      `output.${pc}.>`,
      `inventory.${pc}.*`,
      `heartbeat.${pc}`,
      `reply.${pc}.*`,
      `${PC_CONSUMER_INFO}.EXEC.${durable}`,
      `$JS.API.CONSUMER.MSG.NEXT.EXEC.${durable}`,
      `$JS.ACK.EXEC.${durable}.${ACK_NUMBERS}`,
      // Servers that are told to use the longer form (ADR-15); `_` is where a JetStream domain would stand.
      `$JS.ACK._.*.EXEC.${durable}.${ACK_NUMBERS}`,
      ...reads(pc),
      `$JS.API.DIRECT.GET.KV_cancelled.$KV.cancelled.${cancelledKey('*')}`,
    ],
  };
}

/** The subjects below which answers to one PC come. */
export function inboxPrefix(pc: string): string {
  return `_INBOX.${pc}`;
}

/** What all PCs together may say to the backends and their streams: the other side's answers find their way back. */
export const PC_SAYS: readonly string[] = [
  'events.started.*.*',
  'events.agent.*.*',
  'results.*.*',
  'output.*.>',
  'inventory.*.*',
  'heartbeat.*',
  'reply.*.*',
  `$JS.ACK.EXEC.*.${ACK_NUMBERS}`,
  `$JS.ACK._.*.EXEC.*.${ACK_NUMBERS}`,
];

/** What all PCs together may ask of JetStream. */
export const PC_ASKS: readonly Ask[] = [
  { subject: `${CONSUMER_INFO}.EXEC.*`, here: `${PC_CONSUMER_INFO}.EXEC.$1` },
  { subject: '$JS.API.CONSUMER.MSG.NEXT.EXEC.*', many: true },
  ...reads('*').map((subject) => ({ subject })),
];

/** What PCs may hear of the backends. */
export const PC_HEARS: readonly string[] = ['commands.all', 'commands.all.*', 'commands.pc.*', 'commands.pc.*.*', 'control.*.*'];
