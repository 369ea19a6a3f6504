import { SETTINGS } from './table.ts';

/** Tokens of PCs and people, join codes, and whoever logs in by an address: a password may hold a "/" or a "@" that somebody forgot to encode. */
const SECRETS = /\b(?:ket|kjc|kan)_[\w-]+|(?<=:\/\/)\S+(?=@)/g;

/** Words that somebody gave, as a message may show them: it goes to logs and terminals, and a mistyped secret is nearly the right one. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRETS, (secret) => `${/^k(?:et|jc|an)_/.exec(secret)?.[0] ?? ''}...`);
}

/** What a setting was given, the same way. */
export function shownValue(key: string, value: unknown): string {
  const secret = SETTINGS.some((setting) => setting.key === key && setting.secret === true);
  if (secret && typeof value === 'string') return `what was given (${value.length} characters)`;
  return withoutSecrets(JSON.stringify(value) ?? String(value));
}
