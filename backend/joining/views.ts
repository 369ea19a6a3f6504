import type { KeyState } from '#core/contract/command-key.ts';
import type { BackendEntry, StoredJoinCode } from '#core/contract/joining.ts';
import type { CommandKeyView } from '../seal/command-keys.ts';
import { type CodeState, codeState } from './code-state.ts';

/** A join code as the API shows it: all but the secret, of which nobody has more than a hash. */
export interface JoinCodeView {
  id: string;
  description: string | null;
  created_at: string;
  created_by: string;
  expires_at: string;
  state: CodeState;
  revoked_at: string | null;
  used_at: string | null;
  used_by: string | null;
}

export function joinCodeView(code: StoredJoinCode, now: number): JoinCodeView {
  return {
    id: code.id,
    description: code.description ?? null,
    created_at: code.created_at,
    created_by: code.created_by,
    expires_at: code.expires_at,
    state: codeState(code, now),
    revoked_at: code.revoked_at ?? null,
    used_at: code.used_at ?? null,
    used_by: code.used_by ?? null,
  };
}

/** A backend as the API shows it. */
export interface BackendView {
  id: string;
  state: 'in' | 'out';
  /** Whether it is the one that answers. */
  own: boolean;
  operator: boolean;
  joined_at: string;
  code_id: string | null;
  signing_keys: { system: string; backends: string; pcs: string } | null;
  command_keys: { id: string; public_key: string; state: KeyState }[];
  api: string | null;
  seen_at: string | null;
  removed_at: string | null;
  removed_by: string | null;
}

export function backendView(
  entry: BackendEntry,
  { own, stays, keys }: { own: boolean; stays: boolean; keys: readonly CommandKeyView[] },
): BackendView {
  return {
    id: entry.backend_id,
    state: stays ? 'in' : 'out',
    own,
    operator: entry.operator,
    joined_at: entry.joined_at,
    code_id: entry.code_id ?? null,
    signing_keys: entry.signing_keys ?? null,
    command_keys: keys.flatMap(({ id, state, entry: { public_key, backend_id } }) =>
      backend_id === entry.backend_id ? [{ id, public_key, state }] : [],
    ),
    api: entry.api ?? null,
    seen_at: entry.seen_at ?? null,
    removed_at: entry.removed_at ?? null,
    removed_by: entry.removed_by ?? null,
  };
}
