import { type Infer, nullable, string, type } from 'superstruct';
import { Instant } from './time.ts';

/** `config` bucket, `freeze`: schedules start nothing while it is there, whatever it says. */
export const Freeze = type({ reason: nullable(string()), since: Instant, by: string() });
export type Freeze = Infer<typeof Freeze>;
