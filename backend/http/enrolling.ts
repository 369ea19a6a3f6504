import { KanadeError } from '#core/contract/errors.ts';
import type { EnrolmentParts } from '../enrolment/context.ts';
import type { JoiningParts } from '../joining/context.ts';
import type { HttpContext } from './context.ts';

/** The same context where there are identities: `open_mode` where there are none. */
export function enrolling(ctx: HttpContext): HttpContext & { enrolment: EnrolmentParts; joining: JoiningParts } {
  const { enrolment, joining } = ctx;
  if (enrolment === undefined || joining === undefined)
    throw new KanadeError('open_mode', 'this server was started with --open: it knows no identities');
  return { ...ctx, enrolment, joining };
}
