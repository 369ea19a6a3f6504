import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { number, object } from 'superstruct';
import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Log } from '#core/contract/log.ts';
import { liveCommandSubjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import { lockFolder } from '#core/files/folder-lock.ts';
import { StateFile } from '#core/files/state-file.ts';
import { BrokerClock } from '#core/nats/broker-clock.ts';
import { connectNats, type Nats } from '#core/nats/connection.ts';
import { listenToControl } from './control.ts';
import { Intake } from './intake/intake.ts';
import { Knowledge } from './intake/knowledge.ts';
import { Replay } from './intake/replay.ts';
import { Standing } from './intake/standing.ts';
import { Ledger } from './ledger/ledger.ts';
import { LedgerFolder, type LedgerStore } from './ledger/ledger-store.ts';
import { Outbox } from './outbox/outbox.ts';
import { OutboxFolder } from './outbox/outbox-folder.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import { subjectOf } from './outbox/subject-of.ts';
import type { Platform } from './platform/platform.ts';
import { cpuMeter, runHeartbeat, sendHeartbeat } from './report/heartbeat.ts';
import { Reports } from './report/reports.ts';
import { Executor } from './run/executor.ts';
import { clearLeftovers, endLeftover } from './run/leftover.ts';
import { startScript } from './run/run-script.ts';
import type { KillReason, RunningScript, ScriptRequest } from './run/script.ts';
import { Turns } from './run/turns.ts';
import type { Step } from './steps.ts';

export interface AgentOptions {
  pcId: string;
  /** The agent's own folder: ledger, outbox, run, state. */
  dataDir: string;
  nats: string;
  version: string;
  platform: Platform;
  log: Log;
  logs: (maxBytes: number) => Promise<{ text: string; truncated: boolean }>;
  signal: AbortSignal;
  /** Wall clock, monotonic clock (milliseconds) and chance, so that tests can bend them. */
  wall?: () => number;
  mono?: () => number;
  random?: () => number;
  /** Broker credentials, where the broker asks for some. */
  user?: string;
  pass?: string;
  /** What a simulated PC puts in place of the disk and of the shells. */
  ledgerStore?: LedgerStore;
  outboxStore?: OutboxStore;
  start?: (request: ScriptRequest) => Promise<RunningScript>;
  step?: Step;
  reconnectDelay?: () => number;
  onReady?: () => void;
}

/** Milliseconds an orderly stop gives the outbox. */
const STOP_DRAIN = 10_000;
const PRUNE_EVERY = 3600_000;

/**
 * One agent, from its folder to its last message (design section 4). Resolves after an orderly stop; rejects with
 * `folder_in_use` when another agent has the folder, and when the connection is dead beyond repair.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { pcId, dataDir, log, signal, platform } = options;
  const { wall = Date.now, mono = () => performance.now(), random = Math.random, step = () => {} } = options;
  const inMemory = options.ledgerStore !== undefined;
  await using _lock = inMemory ? undefined : await lockFolder(dataDir);

  const offset = inMemory
    ? undefined
    : await StateFile.open(join(dataDir, 'clock.json'), object({ offset_ms: number() }), { offset_ms: 0 }, log);
  const clock = new BrokerClock(wall, mono, offset?.value.offset_ms);
  const instance = randomBytes(8).toString('hex');
  let nats: Nats | undefined;

  await using ledger = await Ledger.open({
    store: options.ledgerStore ?? new LedgerFolder(join(dataDir, 'ledger')),
    clock: clock.now,
    random: randomBytes,
    log,
  });
  const outbox = await Outbox.open({
    store: options.outboxStore ?? new OutboxFolder(join(dataDir, 'outbox')),
    publish: async (subject, bytes, timeout) => {
      await step('before_publish');
      await nats!.publishStored(subject, bytes, { timeout });
    },
    subjectOf: (kind, name, bytes) => subjectOf(kind, name, bytes, pcId),
    clock: mono,
    random,
    log,
  });
  const standing = new Standing(ledger.ledgerId);
  const knowledge = new Knowledge(() => nats!, pcId);
  const consoleEncoding = once(() => platform.consoleEncoding());
  const reports = new Reports({ pcId, clock: clock.now, outbox, consoleEncoding, log });
  const runDeps = { dir: join(dataDir, 'run'), platform, mono, log };
  const executor = new Executor({
    pcId,
    clock: clock.now,
    random,
    nats: () => nats,
    ledger,
    reports,
    standing,
    knowledge,
    turns: new Turns(),
    start: options.start ?? ((request) => startScript(runDeps, request)),
    endLeftover: (resultId) => (inMemory ? Promise.resolve() : endLeftover(runDeps, resultId)),
    step,
    log,
  });
  const intake = new Intake({ pcId, clock: clock.now, ledger, standing, knowledge, executor, reports, step, log });

  await executor.recover();
  if (!inMemory) await clearLeftovers(runDeps);

  nats = await connectNats({
    servers: options.nats,
    name: `kanade-agent ${pcId}`,
    inboxPrefix: `_INBOX_${pcId}`,
    ...(options.user === undefined ? {} : { user: options.user, pass: options.pass }),
    signal,
    random,
    mono,
    wall,
    log,
    ...(options.reconnectDelay === undefined ? {} : { reconnectDelay: options.reconnectDelay }),
  }).catch((error) => {
    // Stopped before there ever was a broker: nothing was begun that would have to be ended.
    if (signal.aborted) return undefined;
    throw error;
  });
  if (nats === undefined) return;
  const link = nats;

  const cpu = cpuMeter(mono);
  const describe = (): Heartbeat => {
    const { files, stuck, corrupt } = outbox.depth();
    const floor = ledger.floor();
    return {
      pc_id: pcId,
      at: instant(clock.now()),
      ledger_id: ledger.ledgerId,
      instance,
      version: options.version,
      hostname: platform.hostname,
      os: platform.os,
      tz: platform.tz,
      uptime_secs: Math.round(process.uptime()),
      cpu_pct: cpu(),
      rss_bytes: process.memoryUsage.rss(),
      outbox_depth: files,
      stuck,
      corrupt,
      pending: executor.pending().length,
      running: executor.running(),
      replay: { state: replay.state, ...(floor ? { floor: floor.seq, epoch: floor.epoch } : {}) },
      clock_offset_ms: clock.offset,
      problems: [...ledger.problems(), ...outbox.problems(), ...(standing.refused ? [{ code: 'refused', detail: standing.refused }] : [])],
    };
  };
  const beat = () => sendHeartbeat(link, describe());
  const running = new AbortController();
  const replay = new Replay({ nats: link, pcId, clock, random, ledger, standing, knowledge, intake, log, beat, signal: running.signal });

  const control = listenToControl({
    nats: link,
    pcId,
    ledger,
    executor,
    describe,
    logs: options.logs,
    log,
    onSync: (sync) => {
      clock.anchor(Date.parse(sync.now));
      standing.take(sync);
      knowledge.renew();
      void executor.review();
      replay.now();
    },
  });
  const live = liveCommandSubjects(pcId).map((subject) =>
    link.subscribe(
      subject,
      (m) => {
        replay.sawLive();
        void replay
          .liveMayRun(running.signal)
          .then(() => (running.signal.aborted ? undefined : intake.take({ subject: m.subject, bytes: m.data })));
      },
      (error) => log.error({ subject, error: messageOf(error) }, 'the broker does not let us hear commands'),
    ),
  );
  const follow = async () => {
    while (!running.signal.aborted) {
      await link.tracker.connectedAgain.next(running.signal);
      if (running.signal.aborted) return;
      outbox.reconnected();
      knowledge.renew();
      void executor.review();
      replay.now();
      void reports.event('online', { detail: 'the connection is back' }, `${instance}.${link.tracker.disconnections}`);
    }
  };
  const keep = async () => {
    await offset?.set({ offset_ms: clock.offset });
    await ledger.prune(clock.now());
  };
  const housekeeping = setInterval(
    () => void keep().catch((error) => log.warn({ error: messageOf(error) }, 'housekeeping failed')),
    PRUNE_EVERY,
  );

  const sending = new AbortController();
  const sender = outbox.run(sending.signal);
  const loops = [runHeartbeat({ nats: link, describe, signal: running.signal }), replay.run(), follow()];
  void reports.event('online', { detail: `agent ${options.version} started` }, instance);
  options.onReady?.();

  const died = await Promise.race([new Promise<undefined>((resolve) => onAbort(signal, () => resolve(undefined))), link.dead]);
  try {
    control.unsubscribe();
    for (const subscription of live) subscription.unsubscribe();
    running.abort();
    clearInterval(housekeeping);
    await executor.stop(stopReason(signal));
    await reports.event('stopping', { detail: died ?? String(messageOf(signal.reason)) }, instance);
    await Promise.all(loops);
    await outbox
      .empty(AbortSignal.timeout(STOP_DRAIN))
      .catch(() => log.warn(outbox.depth(), 'stopping with messages left: they are sent after the next start'));
    await keep();
    sendHeartbeat(link, { ...describe(), stopping: true });
    await link.flush();
  } finally {
    sending.abort();
    await sender;
    await link.close();
  }
  if (died !== undefined) throw new Error(died);
}

/** Whoever stops us may say that the PC goes down; otherwise it is the agent alone. */
function stopReason(signal: AbortSignal): KillReason {
  return signal.reason instanceof Error && signal.reason.message === 'reboot' ? 'reboot' : 'agent_stop';
}

function onAbort(signal: AbortSignal, then: () => void): void {
  if (signal.aborted) then();
  else signal.addEventListener('abort', then, { once: true });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
