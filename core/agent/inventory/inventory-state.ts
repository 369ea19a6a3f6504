import { type Infer, nullable, number, record, string, type } from 'superstruct';

/**
 * What of the inventory this PC has handed to its outbox, as it is kept over restarts. Times are milliseconds since 1970 of
 * the broker's clock.
 */
export const InventoryState = type({
  /** As whom it was said. */
  enrolment: string(),
  /** When the broker's streams were made that it was said to, in words of the backend's. */
  epoch: string(),
  /** When everything was last collected. */
  collected_at: nullable(number()),
  sections: record(string(), type({ hash: string(), published_at: number() })),
});
export type InventoryState = Infer<typeof InventoryState>;

export const NOTHING_SAID: InventoryState = { enrolment: '', epoch: '', collected_at: null, sections: {} };

/**
 * What counts of a state for this enrolment: a PC that was enrolled anew has said nothing yet; to streams that are new, or were
 * restored from a backup, everything is to be said again, the next time it is collected anyway.
 */
export function stateFor(state: InventoryState, { enrolment, epoch }: Pick<InventoryState, 'enrolment' | 'epoch'>): InventoryState {
  if (state.enrolment !== enrolment) return { ...NOTHING_SAID, enrolment, epoch };
  if (state.epoch !== epoch) return { ...state, epoch, sections: {} };
  return state;
}
