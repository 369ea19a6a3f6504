import { type Infer, number, type } from 'superstruct';
import type { Command } from '#core/contract/command.ts';
import { Id } from '#core/contract/ids.ts';

/** That a schedule fired for a time: milliseconds since 1970. A retry is another command of the same fire. */
export const Fire = type({ scheduleId: Id, nominalAt: number() });
export type Fire = Infer<typeof Fire>;

/** Undefined for what people send, and for a command that names a schedule but no time, as the seeds' do. */
export function fireOf({ schedule_id: scheduleId, nominal_at: nominalAt }: Command): Fire | undefined {
  return scheduleId === undefined || nominalAt === undefined ? undefined : { scheduleId, nominalAt: Date.parse(nominalAt) };
}

/**
 * The newest fire of each schedule that this PC was sent, whatever became of it: what expired supersedes as well. A broker
 * whose clock was ahead has fired for times to come; asked for the newest up to a time, what came before those is the answer.
 */
export class NewestFires {
  readonly #times = new Map<string, Set<number>>();

  saw({ scheduleId, nominalAt }: Fire): void {
    const times = this.#times.get(scheduleId);
    if (times) times.add(nominalAt);
    else this.#times.set(scheduleId, new Set([nominalAt]));
  }

  /** The newest that is not later than `latest`; milliseconds since 1970. */
  of(scheduleId: string, latest: number): number | undefined {
    const times = this.#times.get(scheduleId) ?? new Set();
    let newest: number | undefined;
    for (const time of times) if (time <= latest && (newest === undefined || time > newest)) newest = time;
    // What is older is no answer any more, and a PC that is on for years is not to keep it.
    if (newest !== undefined) for (const time of times) if (time < newest) times.delete(time);
    return newest;
  }
}
