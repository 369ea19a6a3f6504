import type { SigningKeys } from '#core/contract/joining.ts';
import { ACCOUNTS, type EachAccount } from '../identity/accounts.ts';

/** What is known of one that has joined, or had. */
export interface Member {
  keys: SigningKeys;
  /** Whether it is one still. */
  stays: boolean;
}

/**
 * Who may sign users of each account: our own keys, and those of whoever we have let in and is in still. Whatever else an account
 * names is named no more. Pure.
 */
export function signersAfter(own: EachAccount<readonly string[]>, members: readonly Member[]): EachAccount<readonly string[]> {
  const of = (account: (typeof ACCOUNTS)[number]): string[] => {
    const out = new Set(members.flatMap(({ keys, stays }) => (stays ? [] : [keys[account]])));
    const all = [...own[account], ...members.flatMap(({ keys, stays }) => (stays && !out.has(keys[account]) ? [keys[account]] : []))];
    return [...new Set(all)];
  };
  return Object.fromEntries(ACCOUNTS.map((account) => [account, of(account)])) as EachAccount<string[]>;
}
