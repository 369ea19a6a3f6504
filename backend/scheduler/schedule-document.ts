import { array, boolean, define, type Infer, is, object, optional, type Struct, size } from 'superstruct';
import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { MODES, type Schedule } from '#core/contract/schedule.ts';
import { groupFaults } from '../rollouts/plan.ts';
import { RolloutStruct } from '../rollouts/rollout-struct.ts';
import { annotate } from '../schema/json-schema.ts';
import { text, whole, word } from '../schema/structs.ts';
import { occurrencesOf } from './occurrences.ts';
import { planOf, type SchedulePlan } from './plan.ts';
import type { Roster } from './roster.ts';

/** A schedule as an operator writes it. Strict: a misspelt field is refused, not ignored. What the fields hold is judged by planOf. */

/** One of the words, or how often; told in one sentence when it is neither. */
function often<T extends string>(words: readonly T[], example: string) {
  const struct = define<T | { every: string }>('Often', (value) => {
    const known = words.includes(value as T) || is(value, Every);
    return known || `must be ${words.join(' or ')}, or how often, such as {"every": "${example}"}`;
  });
  const every = { type: 'string', examples: [example] };
  return annotate(struct, {
    oneOf: [{ enum: words }, { type: 'object', required: ['every'], additionalProperties: false, properties: { every } }],
  });
}

const Every = object({ every: text(1, 64) });
const names = (what: Struct<string, null>, most: number) =>
  annotate(size(array(what), 0, most), { type: 'array', items: { type: 'string' }, maxItems: most });

const WhenStruct = object({
  per_pc: optional(often(['once', 'once_per_version'], '6h')),
  per_target: optional(often(['once'], '1d')),
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
  o: {
    pathId: string;
    /** As it is stored now, if it is. */
    before: Schedule | undefined;
    jobExists: boolean;
    roster: Roster;
    members: (group: string) => readonly string[];
    /** Milliseconds since 1970. */
    now: number;
  },
): Schedule {
  const faults: Fault[] = [];
  if (document.id !== o.pathId) faults.push({ pointer: '/id', message: `is ${document.id}, but the address says ${o.pathId}` });
  if (!o.jobExists) faults.push({ pointer: '/job_id', code: 'unknown_job', message: `there is no job ${document.job_id}` });
  const { target } = document;
  if (!target.dynamic) {
    target.groups?.forEach((group, n) => {
      if (o.members(group).length === 0)
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
  if (document.rollout !== undefined && !target.dynamic)
    faults.push(...groupFaults(document.rollout, { pcs: o.roster.members(target), members: o.members }, '/rollout'));
  try {
    const plan = planOf(document);
    // What a PC has completed is remembered by schedule and not by job.
    if (plan.mode !== 'every_tick' && o.before !== undefined && o.before.job_id !== document.job_id)
      faults.push({
        pointer: '/job_id',
        message: `is ${o.before.job_id} until now: make another schedule, for PCs count as done with this one`,
      });
    if (isOver(plan, o.now)) faults.push({ pointer: '/when/at', message: 'is past: it would never fire' });
  } catch (error) {
    if (!(error instanceof KanadeError) || error.faults.length === 0) throw error;
    faults.push(...error.faults);
  }
  if (faults.length > 0) throw new KanadeError('invalid_body', faults.map((f) => `${f.pointer}: ${f.message}`).join('; '), { faults });
  return document;
}

/** Whether the one instant it names has gone by everywhere it could be meant. */
function isOver({ trigger, zone }: SchedulePlan, now: number): boolean {
  const latest = zone === 'local' ? 'Etc/GMT+12' : zone;
  return trigger.kind === 'ticks' && trigger.once && occurrencesOf(trigger.pattern, latest).after(now) === undefined;
}
