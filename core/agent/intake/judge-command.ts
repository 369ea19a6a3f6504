import { check, parseJson } from '#core/contract/codec.ts';
import { Command, isScript, isUpdate, type ScriptCommand, SHELLS, type UpdateCommand } from '#core/contract/command.ts';
import { type ErrorCode, KanadeError } from '#core/contract/errors.ts';
import { deriveId, foldGroup, isId } from '#core/contract/ids.ts';
import { EXPIRES_MAX, SCRIPT_MAX } from '#core/contract/streams.ts';
import { commandAddressee } from '#core/contract/subjects.ts';

/** A command as this agent works with it: what the seeds leave open is filled in. Times in milliseconds since 1970. */
export interface TakenCommand {
  command: ScriptCommand | UpdateCommand;
  execId: string;
  issuedAt: number;
  expiresAt: number;
}

export type Judgement =
  /** To be taken into the ledger and run. */
  | { kind: 'take'; taken: TakenCommand }
  /** Meant for this PC, and not to be run: reported as a result. */
  | { kind: 'skip'; taken: TakenCommand; reason: 'expired' | 'issued_before_enrolment' }
  /** No business of this PC, or no command at all: reported as an event. */
  | { kind: 'refuse'; code: ErrorCode; detail: string; requestId?: string };

export interface JudgedBy {
  pcId: string;
  /** Of the broker's clock. */
  now: number;
  enrolledAt: number;
  /** Freshly read; undefined where a group command is not taken at all (live). */
  groups: readonly string[] | undefined;
  /** When the broker stored it, for the seeds' commands that do not say when they were issued. */
  storedAt: number | undefined;
}

/** Characters of what was sent that a refusal repeats. */
const WORDS_MAX = 200;

/** Addressed to me -> schema -> issue time -> expiry (design section 4 "Intake"). Pure. */
export function judgeCommand(subject: string, bytes: Uint8Array, by: JudgedBy): Judgement {
  const addressee = commandAddressee(subject);
  if (addressee === undefined || (addressee.kind === 'pc' && addressee.pc !== by.pcId)) {
    return { kind: 'refuse', code: 'misaddressed', detail: `${subject.slice(0, WORDS_MAX)} does not address ${by.pcId}` };
  }
  if (addressee.kind === 'group' && !isMember(by.groups, addressee.group)) {
    return { kind: 'refuse', code: 'not_member', detail: `${by.pcId} is not in group ${addressee.group.slice(0, WORDS_MAX)}` };
  }
  const read = readCommand(bytes);
  if (read.kind === 'refuse') return read;
  const { command } = read;

  const issuedAt = command.issued_at === undefined ? (by.storedAt ?? by.now) : Date.parse(command.issued_at);
  const expiresAt = command.expires_at === undefined ? issuedAt + EXPIRES_MAX * 1000 : Date.parse(command.expires_at);
  const taken = { command, execId: execIdOf(command), issuedAt, expiresAt };
  if (issuedAt < by.enrolledAt) return { kind: 'skip', taken, reason: 'issued_before_enrolment' };
  if (by.now >= expiresAt) return { kind: 'skip', taken, reason: 'expired' };
  return { kind: 'take', taken };
}

function isMember(groups: readonly string[] | undefined, group: string): boolean {
  return groups?.some((one) => foldGroup(one) === foldGroup(group)) ?? false;
}

/** What a recovered command says, out of bytes that passed here once. */
export function readCommand(
  bytes: Uint8Array,
): { kind: 'command'; command: ScriptCommand | UpdateCommand } | (Judgement & { kind: 'refuse' }) {
  let requestId: string | undefined;
  try {
    const raw = withoutNulls(parseJson(bytes)) as { shell?: unknown; request_id?: unknown } | null;
    if (typeof raw?.request_id === 'string') requestId = raw.request_id;
    if (typeof raw?.shell === 'string' && !(SHELLS as readonly string[]).includes(raw.shell)) {
      return { kind: 'refuse', code: 'unknown_shell', detail: `no shell is called ${JSON.stringify(raw.shell.slice(0, 40))}`, requestId };
    }
    const command = check(Command, raw);
    const { shell, script, script_sha256: hash } = command;
    // What later versions send for something else than a script.
    if (shell === undefined && script === undefined && hash === undefined && !isUpdate(command)) {
      return { kind: 'refuse', code: 'unknown_command', detail: 'it is neither a script nor an update', requestId };
    }
    if (isUpdate(command)) {
      if (shell !== undefined || script !== undefined || hash !== undefined)
        throw new KanadeError('bad_message', 'it is a script and an update');
      return { kind: 'command', command };
    }
    if (!isScript(command)) throw new KanadeError('bad_message', '/shell: it is a script and names none');
    if ((script === undefined) === (hash === undefined)) throw new KanadeError('bad_message', 'it needs either script or script_sha256');
    if (script !== undefined && Buffer.byteLength(script) > SCRIPT_MAX) {
      return { kind: 'refuse', code: 'oversized', detail: `its script is longer than ${SCRIPT_MAX} bytes`, requestId };
    }
    return { kind: 'command', command };
  } catch (error) {
    return { kind: 'refuse', code: 'malformed', detail: (error as Error).message.slice(0, 1000), requestId };
  }
}

/** The seeds write null for what they leave out. */
function withoutNulls(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null));
}

/** The seeds' ad-hoc commands carry no exec_id; ours always do. */
function execIdOf(command: Command): string {
  if (command.exec_id !== undefined) return command.exec_id;
  return isId(command.request_id) ? command.request_id : deriveId('request', command.request_id);
}
