import { encode } from '#core/contract/codec.ts';
import {
  type Enrolled,
  type EnrolRequest,
  hardwareSaid,
  type Pending,
  type PendingEnrolment,
  type StoredEnrolmentToken,
} from '#core/contract/enrolment.ts';
import { type ErrorCode, KanadeError } from '#core/contract/errors.ts';
import { foldPcId } from '#core/contract/ids.ts';
import type { AgentEntry } from '#core/contract/registry.ts';
import { instant } from '#core/contract/time.ts';
import { kvCreate } from '#core/nats/kv.ts';
import { admit, type Newcomer } from './admit.ts';
import { credentialOf, pendingAnswer, refuseIfRevoked, refuseUnlessGood } from './answers.ts';
import type { Asker, EnrolmentContext } from './context.ts';
import { decideAdmission } from './decide-admission.ts';
import { matchesName } from './matches-name.ts';
import { nameOf } from './name-of.ts';
import { storedPending, waitingCount } from './pending.ts';
import { checkProof } from './proof.ts';
import { entryOfKey, type Found, storedEntry } from './registry.ts';
import { auditEnrolment, tell } from './say.ts';

/** Enrolments that may wait for an admin: whoever has a token for any number of PCs must not fill the bucket. */
const PENDING_MAX = 10_000;
/** How often it is decided anew when somebody else changed the entry in between. */
const TRIES = 5;

/**
 * `POST /enrol`: a key comes with a token. The same key again, whose answer got lost, gets the same answer and uses nothing up.
 * Cheap things are looked at first, for anybody may ask.
 */
export async function enrol(ctx: EnrolmentContext, request: EnrolRequest, from: Asker): Promise<Enrolled | Pending> {
  const { nonces, gate, turns } = ctx.enrolment;
  nonces.check(request.nonce);
  checkProof('enrol', request);
  const pc = foldPcId(request.pc_id);
  // One key has one name, and one name one key, whoever asks for what at the same time.
  const asked = { ...request, pc_id: pc, ...(request.hardware === undefined ? {} : { hardware: hardwareSaid(request.hardware) }) };
  const one = () => turns.run(pc, () => enrolOne(ctx, asked, from));
  return gate.through(from.signal, () => turns.run(`key ${request.public_key}`, one));
}

async function enrolOne(ctx: EnrolmentContext, request: EnrolRequest, from: Asker): Promise<Enrolled | Pending> {
  const { tokens, refusals } = ctx.enrolment;
  const found = await storedEntry(ctx, request.pc_id);
  const mine = await entryOfKey(ctx, request.public_key, found);
  if (mine !== undefined) {
    await refuseUnlessGood(ctx, mine.entry);
    return credentialOf(ctx, mine.entry);
  }
  await refuseIfRevoked(ctx, request);
  const waiting = await storedPending(ctx, request.public_key);
  if (waiting !== undefined) return pendingAnswer(waiting.pending);

  const token = await tokens.find(request.token);
  if (token === undefined) {
    refusals.noteUnknown();
    throw new KanadeError('enrolment_token_invalid');
  }
  try {
    return await enrolBy(ctx, token, found, request, from);
  } catch (error) {
    if (error instanceof KanadeError && REFUSALS.includes(error.code) && refusals.note(token.id, error.code, request.pc_id)) {
      const detail = `it came with the enrolment token ${token.id}: ${error.message}`;
      await tell(ctx, request.pc_id, 'enrolment_refused', { code: error.code, detail });
    }
    throw error;
  }
}

/** Whose secret is right hears which of these it is, and so does an admin. */
const REFUSALS: readonly ErrorCode[] = [
  'enrolment_token_revoked',
  'enrolment_token_expired',
  'enrolment_token_used_up',
  'enrolment_name_refused',
  'enrolments_full',
];

async function enrolBy(
  ctx: EnrolmentContext,
  token: StoredEnrolmentToken,
  known: Found | undefined,
  request: EnrolRequest,
  from: Asker,
): Promise<Enrolled | Pending> {
  let found = known;
  if (token.name_pattern !== undefined && !matchesName(token.name_pattern, request.pc_id)) {
    throw new KanadeError('enrolment_name_refused', `the enrolment token is for PCs named ${token.name_pattern}, not for ${request.pc_id}`);
  }
  for (let tries = 1; ; tries++) {
    const decision = decideAdmission(token, found?.entry);
    if (decision.kind === 'wait' && waitingCount(ctx) >= PENDING_MAX) throw new KanadeError('enrolments_full');
    const claimed = await ctx.enrolment.tokens.claim(token.id, { key: request.public_key, pc: request.pc_id });
    if (decision.kind === 'wait') return wait(ctx, request, claimed, { reason: decision.reason, over: found?.entry }, from);
    try {
      const entry = await admit(ctx, found, newcomer(request, claimed));
      await auditEnrolment(
        ctx,
        'agent_enrol',
        {
          target: `agents/${entry.pc_id}`,
          ...(found === undefined ? {} : { before: { public_key: found.entry.public_key ?? null, enrolled_at: found.entry.enrolled_at } }),
          after: { public_key: entry.public_key, token_id: token.id, how: decision.how },
        },
        from,
      );
      return await credentialOf(ctx, entry);
    } catch (error) {
      if (tries === TRIES || !(error instanceof KanadeError && error.code === 'precondition_failed')) throw error;
      found = await storedEntry(ctx, request.pc_id);
    }
  }
}

async function wait(
  ctx: EnrolmentContext,
  request: EnrolRequest,
  token: StoredEnrolmentToken,
  { reason, over }: { reason: PendingEnrolment['reason']; over: AgentEntry | undefined },
  from: Asker,
): Promise<Pending> {
  const { public_key, pc_id, hostname, os, version, hardware, ledger_id } = request;
  const pending: PendingEnrolment = {
    public_key,
    pc_id,
    state: 'pending',
    reason,
    requested_at: instant(ctx.clock()),
    token_id: token.id,
    ...(over === undefined ? {} : { name_of: nameOf(over) }),
    groups: token.groups,
    ...(token.ephemeral_days === undefined ? {} : { ephemeral_days: token.ephemeral_days }),
    ...defined({ hostname, os, version, hardware, ledger_id, source_ip: from.address }),
  };
  const revision = await kvCreate(ctx.nats, 'enrolments', public_key, encode(pending));
  if (revision !== undefined) {
    ctx.enrolment.pending.accept(public_key, pending, revision);
    await tell(ctx, pc_id, 'enrolment_pending', { code: reason, detail: `${public_key} waits for an admin (${WORDS[reason] ?? reason})` });
    await auditEnrolment(
      ctx,
      'enrolment_pending',
      { target: `enrolments/${public_key}`, after: { pc_id, reason, token_id: token.id } },
      from,
    );
  }
  return pendingAnswer(pending);
}

const WORDS: Record<string, string> = {
  needs_approval: 'its token asks for that',
  name_taken: 'another key has its name',
  name_retired: 'its name is that of a retired PC',
  name_revoked: 'its name is that of a PC whose identity was revoked',
};

function newcomer(request: EnrolRequest, token: StoredEnrolmentToken): Newcomer {
  return { ...request, token_id: token.id, terms: token };
}

function defined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
