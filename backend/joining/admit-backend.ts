import type { CommandKeyEntry } from '#core/contract/command-key.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { type BackendEntry, type JoinAnswer, type JoinRequest, newcomerDigest } from '#core/contract/joining.ts';
import { instant } from '#core/contract/time.ts';
import { writeAudit } from '../audit/write-audit.ts';
import type { Asker, EnrolmentContext } from '../enrolment/context.ts';
import { ACCOUNTS } from '../identity/accounts.ts';
import { endorse } from '../seal/follow-keys.ts';
import type { JoiningContext } from './context.ts';
import { checkJoinProof } from './proof.ts';

type AdmitContext = JoiningContext & Pick<EnrolmentContext, 'enrolment'>;

/**
 * `POST /backends/join`: a backend comes with a code and the proof that it has its keys. The same again, whose answer got lost, gets
 * the same answer. Cheap things are looked at first, for anybody may ask.
 */
export async function admitBackend(ctx: AdmitContext, request: JoinRequest, from: Asker): Promise<JoinAnswer> {
  const { enrolment, joining } = ctx;
  enrolment.nonces.check(request.nonce);
  return enrolment.gate.through(from.signal, async () => {
    const code = await joining.codes.find(request.code);
    checkJoinProof(code.id, request);
    return enrolment.turns.run('backends', () => admitOne(ctx, request, code.id, from));
  });
}

async function admitOne(ctx: AdmitContext, request: JoinRequest, codeId: string, from: Asker): Promise<JoinAnswer> {
  const { joining, enrolment, clock } = ctx;
  const { codes, members, issuer, keys, operator, backendId, admitted } = joining;
  if (!issuer.signs || admitted === undefined) throw elsewhere();
  const { backend_id: id, command_key, signing_keys } = request;
  const { entry: said, revision } = await members.stored(id);
  const known = admitted.get(id) ?? said;
  if (id === backendId || (known !== undefined && (known.code_id !== codeId || known.removed_at !== undefined)))
    throw new KanadeError('backend_id_taken', `${id} is another backend, or was`);
  await codes.claim(codeId, { backendId: id, digest: newcomerDigest(request) });

  const joined_at = known?.joined_at ?? instant(clock());
  // What it says of itself at the broker later changes nothing of this.
  await admitted.add({ backend_id: id, joined_at, code_id: codeId, signing_keys });
  const { public_key, created_at, active_from } = command_key;
  const key: CommandKeyEntry = { public_key, backend_id: id, created_at, active_from };
  // Its key first: without one that counts it would be none that stays.
  await endorse(keys, key);
  const entry: BackendEntry = { backend_id: id, joined_at, code_id: codeId, signing_keys, operator: false };
  if (said === undefined) {
    await members.write(entry, revision);
    await writeAudit(ctx, {
      actor: { kind: 'system', name: 'join' },
      action: 'backend_join',
      draft: { target: `backends/${id}`, after: { code_id: codeId, command_key: public_key, signing_keys } },
      result: 'ok',
      requestId: from.requestId,
      sourceIp: from.address,
    });
  }
  await issuer.tellMembers((signers) => ACCOUNTS.every((account) => signers[account].includes(signing_keys[account])));
  // PCs that are on ask for its key now rather than tomorrow.
  ctx.agents.sync(ctx.agents.enrolled());
  const ca = enrolment.ca();
  return {
    backend_id: backendId,
    operator,
    accounts: issuer.accounts,
    servers: [...enrolment.identity.servers],
    ...(ca === undefined ? {} : { ca }),
    command_keys: keys.keys.list().flatMap((one) => (one.entry.public_key === public_key ? [] : [one.entry])),
  };
}

/** `operator_key_elsewhere` on a backend that has joined: only the one that made the installation changes accounts. */
export function mustSign({ signs }: { signs: boolean }): void {
  if (!signs) throw elsewhere();
}

function elsewhere(): KanadeError {
  const words = 'this backend has joined, and has no operator key: ask the one that has it (operator: true in GET /api/v1/backends)';
  return new KanadeError('operator_key_elsewhere', words);
}
