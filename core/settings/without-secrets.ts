import { SETTINGS } from './table.ts';

/** An enrolment token, and whoever logs in by an address. */
const SECRETS = /ket_[\w-]+|(?<=:\/\/)[^/@\s]+(?=@)/g;

/** Words that somebody gave, as a message may show them: it goes to logs and terminals, and a mistyped secret is nearly the right one. */
export function withoutSecrets(text: string): string {
  return text.replace(SECRETS, (secret) => (secret.startsWith('ket_') ? 'ket_...' : '...'));
}

/** What a setting was given, the same way. */
export function shownValue(key: string, value: unknown): string {
  const secret = SETTINGS.some((setting) => setting.key === key && setting.secret === true);
  if (secret && typeof value === 'string') return `what was given (${value.length} characters)`;
  return withoutSecrets(JSON.stringify(value) ?? String(value));
}
