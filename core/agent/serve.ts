import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import { liveCommandSubjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { Parts } from './compose.ts';
import { listenToControl } from './control.ts';
import type { AgentFolder } from './folder.ts';
import type { Identity } from './identity/identity.ts';
import { ASKING_DELAY, Replay } from './intake/replay.ts';
import type { Standing } from './intake/standing.ts';
import type { Known } from './options.ts';
import { cpuMeter, runHeartbeat, sendHeartbeat } from './report/heartbeat.ts';
import type { KillReason } from './run/script.ts';

/** Milliseconds an orderly stop gives the outbox. */
const STOP_DRAIN = 10_000;
const HOUSEKEEPING_EVERY = 3600_000;
/** A sync can get lost: this often everything is read again without one. */
const REFRESH_EVERY = 600_000;

/** From the first connection to the orderly stop. */
export async function serve(
  options: Known,
  { about, identity }: { about: Pick<Heartbeat, 'version' | 'hostname' | 'os' | 'tz'>; identity: Identity | undefined },
  folder: AgentFolder,
  parts: Parts,
  nats: Nats,
): Promise<void> {
  const { pcId, version, settings, mono, random, log, logs, signal } = options;
  const { clock, ledger } = folder;
  const { outbox, catchUp, standing, knowledge, reports, refusals, trust, publisher, collector, turns, executor, updates, intake } = parts;
  const instance = randomBytes(8).toString('hex');
  const running = new AbortController();

  const cpu = cpuMeter(mono);
  const describe = (): Heartbeat => {
    const { files, stuck, corrupt } = outbox.depth();
    const floor = ledger.floor();
    const { collectedAt } = publisher;
    return {
      pc_id: pcId,
      at: instant(clock.now()),
      ledger_id: ledger.ledgerId,
      instance,
      ...about,
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
      ...(collectedAt === undefined ? {} : { inventory_at: instant(collectedAt) }),
      ...options.pcFacts?.latest,
      problems: [
        ...ledger.problems(),
        ...outbox.problems(),
        ...(identity?.problems() ?? []),
        ...(settings?.problems() ?? []),
        ...updates.problems(),
        ...(standing.refused ? [{ code: 'not_enrolled', detail: standing.refused }] : []),
      ],
    };
  };
  const beat = () => sendHeartbeat(nats, describe());
  const warn = (error: unknown) => log.warn({ error: messageOf(error) }, 'housekeeping failed: the next hour tries again');
  const replay = new Replay({ nats, pcId, clock, random, ledger, standing, catchUp, knowledge, intake, log, beat, signal: running.signal });
  const refresh = () => {
    knowledge.renew();
    void executor.review();
    replay.now();
  };

  const control = listenToControl({
    nats,
    pcId,
    ledger,
    executor,
    collector,
    describe,
    beat,
    logs,
    log,
    trust,
    refusals,
    onSync: (sync, now) => {
      clock.anchor(now);
      folder.clockMoved().catch(warn);
      const before = standingOf(standing);
      standing.take(sync);
      const after = standingOf(standing);
      // Whoever stands in front of this PC asks why it runs nothing, or whether it does.
      if (after !== before) log.info({ pc_id: pcId }, after);
      // Retired, or called otherwise by now: the server says which.
      if (sync.refused !== undefined) identity?.renewEarly();
      refresh();
    },
  });
  const live = liveCommandSubjects(pcId).map((subject) =>
    nats.subscribe(
      subject,
      async (m) => {
        const arrived = { generation: knowledge.generation, at: mono() };
        const may = await replay.liveMayRun(running.signal);
        if (!may || (await intake.take({ subject: m.subject, bytes: m.data, header: m.header, arrived })) !== 'taken') replay.missedLive();
      },
      (error) => log.error({ subject, error: messageOf(error) }, 'the broker does not let us hear commands'),
    ),
  );
  // What is to be said next of this PC's coming.
  let comeOnline: { detail: string; about: string } | undefined = { detail: `agent ${version} started`, about: instance };
  const followConnection = async () => {
    while (!running.signal.aborted) {
      await nats.tracker.connectedAgain.next(running.signal);
      if (running.signal.aborted) return;
      outbox.reconnected();
      standing.doubt();
      refresh();
      comeOnline ??= { detail: 'the connection is back', about: `${instance}.${nats.tracker.disconnections}` };
    }
  };
  // Once it is confirmed: another PC, or a retired one, must not say it in this PC's name. And with the right time, also
  // when this PC's clock was never set.
  const sayOnline = async () => {
    while (!running.signal.aborted) {
      if (comeOnline !== undefined && standing.confirmed && clock.certain) {
        const { detail, about } = comeOnline;
        comeOnline = undefined;
        await reports.event('online', { detail }, about);
      } else await standing.synced.next(running.signal);
    }
  };
  // What was signed by a key that was not known then: the backend says it again to whoever speaks up, and the durable holds the rest.
  const followKeys = async () => {
    while (trust !== undefined && !running.signal.aborted) {
      await trust.changed.next(running.signal);
      if (running.signal.aborted) return;
      beat();
      refresh();
      // What was handed out while the key was asked for comes again after this.
      await sleep(ASKING_DELAY + 100, undefined, { signal: running.signal }).catch(() => {});
      replay.now();
    }
  };
  const followSettings = async () => {
    while (settings !== undefined && !running.signal.aborted) {
      const { server, proxy, tlsCa } = settings.current;
      await settings.changed.next(running.signal);
      if (running.signal.aborted) return;
      turns.reconsider();
      const now = settings.current;
      // Whoever moved the server, or the way there, wants to see whether it works.
      if (now.server !== server || now.proxy !== proxy || now.tlsCa !== tlsCa) identity?.renewEarly();
      beat();
    }
  };
  const keepHouse = async () => {
    await folder.clockMoved();
    // By the PC's own clock alone nothing is forgotten.
    if (clock.certain) await ledger.prune(clock.now());
  };
  const timers = [setInterval(() => void keepHouse().catch(warn), HOUSEKEEPING_EVERY), setInterval(refresh, REFRESH_EVERY)];

  const sending = new AbortController();
  const sender = outbox.run(sending.signal);
  const loops = [
    runHeartbeat({ nats, describe, signal: running.signal }),
    replay.run(),
    followConnection(),
    sayOnline(),
    followKeys(),
    followSettings(),
    ...(trust === undefined ? [] : [trust.run(running.signal)]),
    ...(options.pcFacts === undefined ? [] : [options.pcFacts.run(running.signal)]),
    collector.run(running.signal),
  ];
  options.onReady?.(pcId);
  await updates.proven().catch((error) => log.warn({ error: messageOf(error) }, 'that this version works could not be written down'));

  const anew = identity ? [aborted(identity.again)] : [];
  const died = await Promise.race([aborted(signal), nats.dead, ...anew]);
  try {
    control.unsubscribe();
    for (const subscription of live) subscription.unsubscribe();
    running.abort();
    for (const timer of timers) clearInterval(timer);
    await Promise.all([executor.stop(stopReason(signal)), collector.close()]);
    if (standing.confirmed)
      await reports.event('stopping', { detail: died ?? (signal.aborted ? messageOf(signal.reason) : 'it begins anew') }, instance);
    await Promise.all(loops);
    await outbox
      .empty(AbortSignal.timeout(STOP_DRAIN))
      .catch(() => log.warn(outbox.depth(), 'stopping with messages left: they are sent after the next start'));
    await keepHouse().catch(warn);
    sendHeartbeat(nats, { ...describe(), stopping: true });
    await nats.flush();
  } finally {
    sending.abort();
    await sender;
  }
  if (died !== undefined) throw new Error(died);
}

function standingOf({ confirmed, refused }: Standing): string {
  if (confirmed) return 'the backend confirms this PC: it takes commands';
  return refused === undefined ? 'not confirmed yet' : `the backend refuses this PC: ${refused}`;
}

/** Whoever stops us may say that the PC goes down; otherwise it is the agent alone. */
function stopReason(signal: AbortSignal): KillReason {
  return signal.reason instanceof Error && signal.reason.message === 'reboot' ? 'reboot' : 'agent_stop';
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
