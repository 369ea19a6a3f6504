import type { ExecContext } from '../exec/context.ts';
import type { Issuer } from '../identity/issuer.ts';
import type { KeysContext } from '../seal/follow-keys.ts';
import type { JoinCodes } from './join-codes.ts';
import type { Members } from './members.ts';

/** What it takes to let other backends in and to put them out. */
export interface JoiningParts {
  codes: JoinCodes;
  members: Members;
  issuer: Issuer;
  keys: KeysContext;
  /** JWT. */
  operator: string;
  backendId: string;
}

/** What joining works with. */
export interface JoiningContext extends ExecContext {
  joining: JoiningParts;
}
