import { array, boolean, type Infer, object, optional, type Struct, size, union } from 'superstruct';
import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { MODES, type Schedule } from '#core/contract/schedule.ts';
import { RolloutStruct } from '../rollouts/rollout-struct.ts';
import { annotate } from '../schema/json-schema.ts';
import { text, whole, word } from '../schema/structs.ts';
import { planOf } from './plan.ts';
import type { Roster } from './roster.ts';

/** A schedule as an operator writes it. Strict: a misspelt field is refused, not ignored. What the fields hold is judged by planOf. */

const Often = annotate(union([word(['once', 'once_per_version']), object({ every: text(1, 64) })]), {
  oneOf: [
    { enum: ['once', 'once_per_version'] },
    { type: 'object', required: ['every'], additionalProperties: false, properties: { every: { type: 'string', examples: ['6h'] } } },
  ],
});
const ForTarget = annotate(union([word(['once']), object({ every: text(1, 64) })]), {
  oneOf: [
    { enum: ['once'] },
    { type: 'object', required: ['every'], additionalProperties: false, properties: { every: { type: 'string', examples: ['1d'] } } },
  ],
});
const names = (what: Struct<string, null>, most: number) =>
  annotate(size(array(what), 0, most), { type: 'array', items: { type: 'string' }, maxItems: most });

const WhenStruct = object({
  per_pc: optional(Often),
  per_target: optional(ForTarget),
  calendar: optional(object({ at: text(1, 16), days: optional(names(text(1, 16), 31)) })),
  at: optional(text(1, 32)),
});

export const ScheduleDocument = object({
  id: Id,
  job_id: Id,
  description: optional(text(0, 10_000)),
  enabled: optional(boolean()),
  target: object({
    all: optional(boolean()),
    groups: optional(names(Id, 1000)),
    pcs: optional(names(Id, 10_000)),
    dynamic: optional(boolean()),
  }),
  cron: optional(text(1, 256)),
  mode: optional(word(MODES)),
  cooldown: optional(text(1, 64)),
  auto_disable_when_done: optional(boolean()),
  when: optional(WhenStruct),
  tz: optional(text(1, 64)),
  catch_up: optional(word(['once', 'skip'])),
  starting_deadline: optional(text(1, 64)),
  active: optional(object({ from: optional(text(1, 64)), until: optional(text(1, 64)) })),
  window: optional(text(1, 16)),
  skip_dates: optional(names(text(1, 16), 1000)),
  max_concurrent: optional(whole(1, 1_000_000)),
  retry: optional(object({ max: whole(0, 10), backoff: text(1, 64) })),
  jitter: optional(text(1, 64)),
  rollout: optional(RolloutStruct),
});
export type ScheduleDocument = Infer<typeof ScheduleDocument>;

/** What the struct alone cannot say: `invalid_body` with every fault at once, each with its path. */
export function checkSchedule(
  document: ScheduleDocument,
  o: { pathId: string; jobExists: boolean; roster: Roster; groupHasMembers: (group: string) => boolean },
): Schedule {
  const faults: Fault[] = [];
  if (document.id !== o.pathId) faults.push({ pointer: '/id', message: `is ${document.id}, but the address says ${o.pathId}` });
  if (!o.jobExists) faults.push({ pointer: '/job_id', code: 'unknown_job', message: `there is no job ${document.job_id}` });
  const { target } = document;
  if (!target.dynamic) {
    target.groups?.forEach((group, n) => {
      if (!o.groupHasMembers(group))
        faults.push({
          pointer: `/target/groups/${n}`,
          code: 'target_empty',
          message: `group ${group} has no members: say dynamic: true if it will have some`,
        });
    });
    target.pcs?.forEach((pc, n) => {
      if (o.roster.members({ pcs: [pc] }).length === 0)
        faults.push({
          pointer: `/target/pcs/${n}`,
          code: 'unknown_pc',
          message: `no PC named ${pc.toUpperCase()} is enrolled: say dynamic: true if it will be`,
        });
    });
  }
  if (target.all && (target.groups?.length || target.pcs?.length))
    faults.push({ pointer: '/target/all', message: 'and groups or pcs are given: all of them, or some' });
  try {
    planOf(document);
  } catch (error) {
    if (!(error instanceof KanadeError) || error.faults.length === 0) throw error;
    faults.push(...error.faults);
  }
  if (faults.length > 0) throw new KanadeError('invalid_body', faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });
  return document;
}
