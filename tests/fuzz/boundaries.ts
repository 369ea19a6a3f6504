import { Struct } from 'superstruct';
import { parseQuery } from '#backend/http/query.ts';
import { routes } from '#backend/http/routes.ts';
import { refuseUnspeakable, validate } from '#backend/http/validate.ts';
import { parseYaml } from '#backend/schema/yaml.ts';
import { judgeCommand } from '#core/agent/intake/judge-command.ts';
import * as audit from '#core/contract/audit.ts';
import { check, encode, parseJson } from '#core/contract/codec.ts';
import * as command from '#core/contract/command.ts';
import * as control from '#core/contract/control.ts';
import * as enrolment from '#core/contract/enrolment.ts';
import { KanadeError } from '#core/contract/errors.ts';
import * as events from '#core/contract/events.ts';
import * as heartbeat from '#core/contract/heartbeat.ts';
import * as inventory from '#core/contract/inventory.ts';
import * as job from '#core/contract/job.ts';
import { isPlainResult, isPlainStarted } from '#core/contract/plain.ts';
import * as registry from '#core/contract/registry.ts';
import * as result from '#core/contract/result.ts';
import * as rollout from '#core/contract/rollout.ts';
import * as schedule from '#core/contract/schedule.ts';
import * as submission from '#core/contract/submission.ts';
import type { Target } from './finding.ts';
import { anything, mutate, mutateBytes, pick, sample, text } from './generate.ts';

const MODULES = [audit, command, control, enrolment, events, heartbeat, inventory, job, registry, result, rollout, schedule, submission];
const MESSAGES = MODULES.flatMap((module) => Object.values(module)).filter(
  (value): value is Struct<unknown, unknown> => value instanceof Struct,
);
const REQUESTS = routes.flatMap(({ params, query, body }) => [params, query, body]).filter((struct) => struct !== undefined);
/** Milliseconds of this thread that one value may be looked at: how busy the machine is does not count. */
const SLOW = 2000;

/** Every struct of the contract and of the API: what they do not take they refuse as such, in words that are not endless, and soon. */
export const boundaries: Target = {
  name: 'superstruct boundaries',
  share: 0.35,
  width: 1,
  try(n, random, input) {
    const struct = n % 2 === 0 ? pick(random, MESSAGES) : pick(random, REQUESTS);
    const value = n % 7 === 0 ? anything(random) : mutate(sample(struct, random), random);
    const bytes = n % 5 === 0 ? mutateBytes(encode(value ?? null), random) : encode(value ?? null);
    input(`${struct.type} ${Buffer.from(bytes).toString('latin1')}`);
    const began = process.threadCpuUsage();
    refusedOrTaken(() => check(struct, parseJson(bytes)));
    refusedOrTaken(() => {
      const parsed = parseJson(bytes);
      refuseUnspeakable(parsed);
      validate(struct, parsed, 'invalid_body');
    });
    plainAgrees(bytes);
    if (n % 3 === 0) refusedOrTaken(() => parseYaml(Buffer.from(bytes).toString()));
    if (n % 3 === 1) refusedOrTaken(() => parseQuery(`?${text(random)}=${text(random)}&${Buffer.from(bytes).toString('latin1')}`));
    const { user, system } = process.threadCpuUsage(began);
    const took = (user + system) / 1000;
    if (took > SLOW) throw new Error(`it took ${Math.round(took)} ms`);
  },
};

/** What an agent makes of a command, before and after it is known to be signed: it judges, whatever it is. */
export const commands: Target = {
  name: 'commands',
  share: 0.1,
  width: 1,
  try(n, random, input) {
    const value = mutate(sample(command.Command, random), random);
    const bytes = n % 3 === 0 ? mutateBytes(encode(value), random) : encode(value);
    const subject = pick(random, [
      'commands.pc.PC1.e1',
      'commands.all',
      'commands.group.g1',
      'commands.pc.PC1',
      `commands.${text(random)}`,
    ]);
    input(`${subject} ${Buffer.from(bytes).toString('latin1')}`);
    const by = { pcId: 'PC1', now: 1.7e12, enrolledAt: 1.6e12, groups: ['g1'], storedAt: undefined };
    const judged = judgeCommand(subject, bytes, by);
    if (judged.kind === 'refuse' && judged.detail.length > 2000) throw new Error(`a refusal of ${judged.detail.length} characters`);
    if (judged.kind === 'take' && !(Number.isFinite(judged.taken.expiresAt) && Number.isFinite(judged.taken.issuedAt))) {
      throw new Error('a command without a time was taken');
    }
  },
};

function refusedOrTaken(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof KanadeError)) throw error;
    if (error.faults.length === 0 && error.message.length > 20_000) throw new Error(`words of ${error.message.length} characters`);
  }
}

/** What the quick checks take the structs take too. */
function plainAgrees(bytes: Uint8Array): void {
  let value: unknown;
  try {
    value = parseJson(bytes);
  } catch {
    return;
  }
  if (isPlainStarted(value) && !events.EventStarted.is(value)) throw new Error('isPlainStarted takes what EventStarted does not');
  if (isPlainResult(value) && !result.ExecResult.is(value)) throw new Error('isPlainResult takes what ExecResult does not');
}
