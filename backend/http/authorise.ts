import { KanadeError } from '#core/contract/errors.ts';
import type { HttpContext } from './context.ts';
import type { Scope } from './route.ts';
import type { StoredToken } from './tokens.ts';

const SCOPES: Record<StoredToken['role'], readonly Scope[]> = {
  viewer: ['read'],
  operator: ['read', 'operate'],
  admin: ['read', 'operate', 'admin'],
};

/** Who a request is from: `unauthenticated` when it does not say so with a token we know. */
export function authenticate(tokens: HttpContext['tokens'], authorization: string | undefined): StoredToken {
  if (!tokens.ready) throw new KanadeError('not_ready', 'the tokens have not been read yet');
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  const token = given === undefined ? undefined : tokens.find(given);
  if (token === undefined)
    throw new KanadeError('unauthenticated', given === undefined ? 'send Authorization: Bearer <token>' : 'the token is not known');
  return token;
}

/** `forbidden` unless the token's role may do that. */
export function authorise(token: StoredToken, scope: Scope): void {
  if (!SCOPES[token.role].includes(scope))
    throw new KanadeError('forbidden', `a token of role ${token.role} may not do that: it takes the scope ${scope}`);
}
