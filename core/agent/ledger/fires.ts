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

/** The newest fire of each schedule that this PC was sent, whatever became of it: what expired supersedes as well. */
export class NewestFires {
  readonly #newest = new Map<string, number>();

  saw({ scheduleId, nominalAt }: Fire): void {
    const known = this.#newest.get(scheduleId);
    if (known === undefined || nominalAt > known) this.#newest.set(scheduleId, nominalAt);
  }

  of(scheduleId: string): number | undefined {
    return this.#newest.get(scheduleId);
  }
}
