import { array, define, number, object, optional, type Struct, size } from 'superstruct';
import { isId } from '#core/contract/ids.ts';
import type { RolloutPlan } from '#core/contract/rollout.ts';
import { annotate } from '../schema/json-schema.ts';
import { text, word } from '../schema/structs.ts';

const WAVES_MAX = 100;
const COUNT_OR_SHARE = [
  { type: 'integer', minimum: 1 },
  { type: 'string', pattern: '^\\d{1,3}(\\.\\d+)?%$', examples: ['10%'] },
];
const GROUP = { type: 'object', required: ['group'], additionalProperties: false, properties: { group: { type: 'string' } } };

/** One fault for what is none of the three; a union would tell of each member's. */
const WaveStruct = define<RolloutPlan['waves'][number]>('Wave', (value) => {
  if (isCountOrShare(value)) return true;
  const group = value !== null && typeof value === 'object' && Object.keys(value).length === 1 && 'group' in value && isId(value.group);
  return group || 'must be a number of PCs, a share such as 10%, or {"group": name}';
});

const MinSuccess: Struct<number | string, null> = annotate(
  define('MinSuccess', (value) => isCountOrShare(value) || 'must be a number of PCs or a share such as 90%'),
  { oneOf: COUNT_OR_SHARE },
);

function isCountOrShare(value: unknown): value is number | string {
  return typeof value === 'number' || typeof value === 'string';
}

/** A rollout as an operator writes it. Strict: a misspelt field is refused. What the fields hold is judged by rolloutFaults. */
export const RolloutStruct = object({
  waves: annotate(size(array(WaveStruct), 1, WAVES_MAX), {
    type: 'array',
    minItems: 1,
    maxItems: WAVES_MAX,
    items: { oneOf: [...COUNT_OR_SHARE, GROUP] },
    description: 'How many PCs, or which share of all, have been reached by the end of each wave; or the members of a group.',
    examples: [[1, '10%', '100%']],
  }),
  max_failure_percent: optional(annotate(number(), { type: 'number', minimum: 0, maximum: 100, default: 0 })),
  soak: optional(text(1, 64)),
  min_success: optional(MinSuccess),
  on_halt: optional(word(['stop', 'cancel_queued'])),
});
