import { isDeepStrictEqual } from 'node:util';
import type { AuditAction } from '#core/contract/audit.ts';
import { messageOf } from '#core/contract/errors.ts';
import type { Nats } from '#core/nats/connection.ts';
import { streamInfo, streamNames } from '#core/nats/jetstream.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { Durables } from '../agents/durables.ts';
import { type ExecNote, epochOf, nextNote, readExecNote, writeExecNote } from '../agents/exec-epoch.ts';
import { writeAudit } from '../audit/write-audit.ts';
import { wantedStreams } from '../broker/stream-config.ts';
import type { ExecContext } from '../exec/context.ts';
import { redispatch } from '../exec/redispatch.ts';
import type { Projection } from '../projectors/projection.ts';

export interface StreamsContext extends ExecContext {
  durables: Durables;
  projection: Pick<Projection, 'passed'>;
  /** Creates streams and buckets that are gone and repairs those that were changed; the names of those it created. */
  provision: () => Promise<string[]>;
}

/** What JetStream says when somebody changes a stream. What it says of a deletion often goes down with the stream. */
const UPDATED = '$JS.EVENT.ADVISORY.STREAM.UPDATED.>';
/** Nobody hears it who is not connected then, so streams are looked at this often as well. Milliseconds. */
const LOOK_EVERY = 60_000;
/** And never more often than this: a repair is itself a change. Whether any is gone is asked this often. Milliseconds. */
const LOOK_PAUSE = 1000;

const NAMES = wantedStreams(1).map(({ name }) => name);

/**
 * Lease holder only: streams that were deleted or changed are made right again, and after the broker was away the
 * replay durables, which live in its memory, are made again before the agents come asking. Two loops, for what is sent
 * to a stream while somebody deletes it may wait long for an answer, and the stream has to be made again meanwhile.
 */
export async function lookAfterStreams(ctx: StreamsContext, signal: AbortSignal): Promise<void> {
  const looked = new Wake();
  let looks = 0;
  const onLook = () => {
    looks++;
    looked.fire();
  };
  await Promise.all([keepStreams(ctx, onLook, signal), keepQueue(ctx, { looks: () => looks, looked }, signal)]);
}

async function keepStreams(ctx: StreamsContext, onLook: () => void, signal: AbortSignal): Promise<void> {
  const { nats } = ctx;
  const changed = new Wake();
  // At first too: the last holder may have missed what happened.
  let seen = -1;
  let dueAt = 0;
  const subscription = nats.subscribe(UPDATED, () => {
    dueAt = 0;
    changed.fire();
  });
  await again(ctx, changed, signal, async () => {
    const { disconnections, connected } = nats.tracker;
    const due = performance.now() >= dueAt || (connected && (disconnections !== seen || (await someAreGone(nats))));
    if (!due) return false;
    dueAt = performance.now() + LOOK_EVERY;
    try {
      for (const name of await ctx.provision()) sayMade(ctx, name);
    } catch (error) {
      dueAt = 0;
      throw error;
    }
    seen = disconnections;
    onLook();
    return true;
  });
  subscription.unsubscribe();
}

async function someAreGone(nats: Nats): Promise<boolean> {
  const there = new Set(await streamNames(nats));
  return NAMES.some((name) => !there.has(name));
}

async function keepQueue(ctx: StreamsContext, of: { looks: () => number; looked: Wake }, signal: AbortSignal): Promise<void> {
  let seen = -1;
  let done = 0;
  let noted: ExecNote | undefined;
  await again(ctx, of.looked, signal, async () => {
    const upTo = of.looks();
    const { disconnections } = ctx.nats.tracker;
    if (upTo === done) return false;
    // Before any durable is made: where one begins depends on which EXEC it is.
    noted = await noteExec(ctx, noted);
    if (noted.replaces !== undefined) noted = await restoreQueue(ctx, noted);
    else if (disconnections !== seen) await ctx.durables.ensureAll();
    seen = disconnections;
    done = upTo;
    return true;
  });
}

/** Does `work` when `wake` fires and every second until `signal` aborts; once it did something it rests, for what it did fires too. */
async function again({ log }: StreamsContext, wake: Wake, signal: AbortSignal, work: () => Promise<boolean>): Promise<void> {
  while (!signal.aborted) {
    let did = true;
    try {
      did = await work();
    } catch (error) {
      if (!signal.aborted) log.warn({ error: messageOf(error) }, 'the streams could not be looked after: trying again');
    }
    await sleepOrWake(LOOK_PAUSE, did ? new Wake() : wake, signal).catch(() => {});
  }
}

/**
 * Whether EXEC is still the stream it was is compared with what this holder, or the last one, noted, so that nobody has to
 * have been there when it went. Our own memory counts first: the note may have been restored from a backup as well.
 */
async function noteExec({ nats, agents, newId }: StreamsContext, ours: ExecNote | undefined): Promise<ExecNote> {
  const before = ours ?? (await readExecNote(nats));
  // Asked after the note was read, so that it cannot be behind it.
  const { created, state } = await streamInfo(nats, 'EXEC');
  const note = nextNote(before, { created, lastSeq: state.last_seq }, newId);
  if (!isDeepStrictEqual(note, await readExecNote(nats))) await writeExecNote(nats, note);
  agents.epoch = epochOf(note);
  return note;
}

/**
 * When EXEC is another one, or was restored from a backup, the durables and what waited in it went with the old one:
 * durables are made anew, PCs are told that sequences count from another point, and what is still queued is sent again.
 * PCs know a command by its id, so one that has it already runs nothing.
 */
async function restoreQueue(ctx: StreamsContext, { replaces, ...note }: ExecNote): Promise<ExecNote> {
  const { nats, agents, durables, log } = ctx;
  log.warn({ was: replaces, now: note }, 'EXEC is not what it was: sending what is still queued');
  await durables.renewAll();
  agents.sync(agents.enrolled());
  const { state } = await streamInfo(nats, 'EXECUTIONS');
  await ctx.projection.passed('EXECUTIONS', state.last_seq, { timeout: 60_000 });
  const sent = await redispatch(ctx);
  const { created, restored } = note;
  await say(ctx, 'exec_restored', 'streams/EXEC', replaces, { created, from_backup: restored !== undefined, ...sent });
  await writeExecNote(nats, note);
  return note;
}

function sayMade(ctx: StreamsContext, name: string): void {
  ctx.log.warn({ stream: name }, 'a stream was gone and has been made again');
  // Not waited for: it reports its own failure.
  void say(ctx, 'stream_recreated', `streams/${name}`, undefined, undefined);
}

async function say(ctx: StreamsContext, action: AuditAction, target: string, before: unknown, after: unknown): Promise<void> {
  const draft = { target, ...(before === undefined ? {} : { before }), ...(after === undefined ? {} : { after }) };
  const actor = { kind: 'system', name: 'backend' } as const;
  await writeAudit(ctx, { actor, action, draft, result: 'ok', requestId: ctx.newId(), sourceIp: undefined });
}
