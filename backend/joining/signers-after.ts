import type { SigningKeys } from '#core/contract/joining.ts';
import { ACCOUNTS, type EachAccount } from '../identity/accounts.ts';

/** What is known of one that has joined, or had. */
export interface Member {
  keys: SigningKeys;
  /** Whether it is one still. */
  stays: boolean;
}

/**
 * Who may sign users of each account from now on. Whoever is in stays in until something says that it is out: an entry that is
 * missing, or that nobody has signed whom we believe, says nothing, for the broker could make it so. Pure.
 */
export function signersAfter(now: EachAccount<readonly string[]>, members: readonly Member[]): EachAccount<readonly string[]> {
  const of = (account: (typeof ACCOUNTS)[number]): string[] => {
    const out = new Set(members.flatMap(({ keys, stays }) => (stays ? [] : [keys[account]])));
    const all = [...now[account], ...members.flatMap(({ keys, stays }) => (stays ? [keys[account]] : []))];
    return [...new Set(all)].filter((key) => !out.has(key));
  };
  return Object.fromEntries(ACCOUNTS.map((account) => [account, of(account)])) as EachAccount<string[]>;
}
