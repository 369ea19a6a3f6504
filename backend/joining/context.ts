import type { ExecContext } from '../exec/context.ts';
import type { Issuer } from '../identity/issuer.ts';
import type { KeysContext } from '../seal/follow-keys.ts';
import type { Admitted } from './admitted.ts';
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
  /** The backend that made the installation; undefined where that is this one. */
  first?: string | undefined;
  /** Whom this one has let in, where it made the installation. */
  admitted?: Admitted | undefined;
}

/** What joining works with. */
export interface JoiningContext extends ExecContext {
  joining: JoiningParts;
}
