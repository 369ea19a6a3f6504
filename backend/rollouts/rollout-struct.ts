import { array, number, object, optional, size, union } from 'superstruct';
import { Id } from '#core/contract/ids.ts';
import { annotate } from '../schema/json-schema.ts';
import { text, word } from '../schema/structs.ts';

const WAVES_MAX = 100;
const COUNT_OR_SHARE = [
  { type: 'integer', minimum: 1 },
  { type: 'string', pattern: '^\\d{1,3}(\\.\\d+)?%$', examples: ['10%'] },
];
const GROUP = { type: 'object', required: ['group'], additionalProperties: false, properties: { group: { type: 'string' } } };

/** A rollout as an operator writes it. Strict: a misspelt field is refused. What the fields hold is judged by rolloutFaults. */
export const RolloutStruct = object({
  waves: annotate(size(array(union([number(), text(1, 16), object({ group: Id })])), 1, WAVES_MAX), {
    type: 'array',
    minItems: 1,
    maxItems: WAVES_MAX,
    items: { oneOf: [...COUNT_OR_SHARE, GROUP] },
    description: 'How many PCs, or which share of all, have been reached by the end of each wave; or the members of a group.',
    examples: [[1, '10%', '100%']],
  }),
  max_failure_percent: optional(annotate(number(), { type: 'number', minimum: 0, maximum: 100, default: 0 })),
  soak: optional(text(1, 64)),
  min_success: optional(annotate(union([number(), text(1, 16)]), { oneOf: COUNT_OR_SHARE })),
  on_halt: optional(word(['stop', 'cancel_queued'])),
});
