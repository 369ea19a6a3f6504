import { boolean, type Infer, object, optional } from 'superstruct';
import { noted } from '../schema/json-schema.ts';

export const AbortRequest = object({
  cancel_queued: optional(
    noted(boolean(), { description: 'Also what PCs have not started yet. Default: as on_halt of the rollout says.' }),
  ),
});
export type AbortRequest = Infer<typeof AbortRequest>;
