import { is, number, string, type } from 'superstruct';
import { expect, test } from 'vitest';
import { judgeCommand } from '#core/agent/intake/judge-command.ts';
import { encode } from '#core/contract/codec.ts';

const NOW = Date.parse('2026-11-21T12:00:00Z');
const seed = { id: 'job', version: '1', request_id: 'r1', shell: 'powershell', script: 'hostname', timeout_secs: 60 };
const ours = { ...seed, exec_id: 'e1', issued_at: '2026-11-21T11:59:00Z', expires_at: '2026-11-21T13:00:00Z' };

function judge(subject: string, body: unknown, more: { groups?: string[]; enrolledAt?: number; storedAt?: number; now?: number } = {}) {
  const bytes = body instanceof Uint8Array ? body : encode(body);
  return judgeCommand(subject, bytes, { pcId: 'PC1', now: NOW, enrolledAt: 0, groups: undefined, storedAt: undefined, ...more });
}

test.each([
  'commands.all',
  'commands.all.e1',
  'commands.pc.PC1',
  'commands.pc.PC1.e1',
  'commands.pc.pc1.e1',
])('%s is for this PC', (subject) => {
  expect(judge(subject, ours)).toMatchObject({ kind: 'take' });
});

test.each([
  'commands.pc.PC2',
  'commands.pc.PC2.e1',
  'commands.weird',
  'commands.pc',
  'commands.all.a.b',
  'commands.pc.PC1.e.f',
  'results.x.PC1',
])('%s is not', (subject) => {
  expect(judge(subject, ours)).toMatchObject({ kind: 'refuse', code: 'misaddressed' });
});

test('a group command counts only for a member, by a fresh reading', () => {
  expect(judge('commands.group.lab', ours, { groups: ['lab', 'x'] })).toMatchObject({ kind: 'take' });
  expect(judge('commands.group.LAB', ours, { groups: ['lAb'] })).toMatchObject({ kind: 'take' });
  expect(judge('commands.group.lab', ours, { groups: ['other'] })).toMatchObject({ kind: 'refuse', code: 'not_member' });
  expect(judge('commands.group.lab', ours)).toMatchObject({ kind: 'refuse', code: 'not_member' });
});

test("the seeds' command needs no more than the seeds wrote", () => {
  const storedAt = NOW - 1000;
  expect(judge('commands.all', seed, { storedAt })).toMatchObject({
    kind: 'take',
    taken: { execId: 'r1', issuedAt: storedAt, expiresAt: storedAt + 7 * 86_400_000 },
  });
  expect(judge('commands.all', { ...seed, request_id: 'with a space' }).kind).toBe('take');
});

test('what was issued before the enrolment, or has expired, is skipped and never refused', () => {
  expect(judge('commands.all', ours, { enrolledAt: NOW })).toMatchObject({ kind: 'skip', reason: 'issued_before_enrolment' });
  expect(judge('commands.all', ours, { now: Date.parse(ours.expires_at) })).toMatchObject({ kind: 'skip', reason: 'expired' });
  expect(judge('commands.all', ours, { now: Date.parse(ours.expires_at) - 1 })).toMatchObject({ kind: 'take' });
});

test.each([
  ['no JSON', new TextEncoder().encode('{'), 'malformed'],
  ['bytes that are no UTF-8', new Uint8Array([0xff, 0xfe]), 'malformed'],
  ['JSON null', null, 'malformed'],
  ['a missing field', { ...seed, timeout_secs: undefined }, 'malformed'],
  ['neither script nor hash', { ...seed, script: undefined }, 'malformed'],
  ['both script and hash', { ...seed, script_sha256: 'x' }, 'malformed'],
  ['an unknown shell', { ...seed, shell: 'zsh' }, 'unknown_shell'],
  ['a script that is too long', { ...seed, script: 'x'.repeat(1_000_001) }, 'oversized'],
])('%s is refused by name', (_, body, code) => {
  expect(judge('commands.all', body)).toMatchObject({ kind: 'refuse', code });
});

test('a refusal names the request when it can be read', () => {
  expect(judge('commands.all', { ...seed, shell: 'zsh' })).toMatchObject({ requestId: 'r1', detail: 'no shell is called "zsh"' });
});

const { shell: _, script: __, ...noScript } = ours;
const update = { ...noScript, update: { version: '1.2.3', envelope_sha256: 'a'.repeat(64) } };

test('an update is a command without a shell', () => {
  expect(judge('commands.pc.PC1.e1', update)).toMatchObject({ kind: 'take', taken: { command: { update: { version: '1.2.3' } } } });
});

test.each([
  ['an update that is a script as well', { ...ours, update: update.update }, 'malformed'],
  ['an update with a shell', { ...update, shell: 'cmd' }, 'malformed'],
  ['a version that is none', { ...update, update: { ...update.update, version: '1.2' } }, 'malformed'],
  ['a version that is a path', { ...update, update: { ...update.update, version: '..\\1.2.3' } }, 'malformed'],
  ['a digest that is none', { ...update, update: { ...update.update, envelope_sha256: 'A'.repeat(64) } }, 'malformed'],
  ['a script without a shell', { ...noScript, script: 'hostname' }, 'malformed'],
  ['what a later version may ask for', { ...noScript, collect: { what: 'dumps' } }, 'unknown_command'],
])('%s is refused by name', (_name, body, code) => {
  expect(judge('commands.pc.PC1.e1', body)).toMatchObject({ kind: 'refuse', code, requestId: 'r1' });
});

test("what knows scripts only, as the seeds' agents do, takes no update", () => {
  const script = type({ id: string(), version: string(), request_id: string(), shell: string(), script: string(), timeout_secs: number() });
  expect(is(ours, script)).toBe(true);
  expect(is(update, script)).toBe(false);
});
