import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '#core/contract/errors.ts';
import type { Heartbeat } from '#core/contract/heartbeat.ts';
import type { Log } from '#core/contract/log.ts';
import { liveCommandSubjects } from '#core/contract/subjects.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { listenToControl } from './control.ts';
import type { AgentFolder, FolderOptions } from './folder.ts';
import { Identity, type IdentityOptions } from './identity/identity.ts';
import { CatchUp } from './intake/catch-up.ts';
import { Intake } from './intake/intake.ts';
import { Knowledge } from './intake/knowledge.ts';
import { ASKING_DELAY, Replay } from './intake/replay.ts';
import { Standing } from './intake/standing.ts';
import { Collector, type InventoryOptions } from './inventory/collector.ts';
import { CustomSections } from './inventory/custom-sections.ts';
import { Publisher } from './inventory/publisher.ts';
import type { LedgerStore } from './ledger/ledger-store.ts';
import { connectAgent, type LinkOptions } from './link.ts';
import { Outbox } from './outbox/outbox.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import { subjectOf } from './outbox/subject-of.ts';
import type { Platform } from './platform/platform.ts';
import { cpuMeter, runHeartbeat, sendHeartbeat } from './report/heartbeat.ts';
import { Refusals } from './report/refusals.ts';
import { Reports } from './report/reports.ts';
import { Executor } from './run/executor.ts';
import { clearLeftovers, endLeftover } from './run/leftover.ts';
import { startScript } from './run/run-script.ts';
import type { KillReason, RunningScript, ScriptRequest } from './run/script.ts';
import { Turns } from './run/turns.ts';
import { sayFolderInUse } from './say-folder-in-use.ts';
import type { Step } from './steps.ts';
import { Trust, type TrustOptions } from './trust.ts';
import { openUntilUsable } from './unusable-folder.ts';

export interface AgentOptions {
  pcId: string;
  /** The agent's own folder: ledger, outbox, run, clock. */
  dataDir: string;
  /** nats:// or tls:// URLs, separated by commas; default: what the PC was told when it got its identity. */
  nats?: string;
  /** How this PC gets its identity and where it keeps it; undefined in open mode. */
  identity?: Pick<IdentityOptions, 'store' | 'server' | 'token' | 'connect'>;
  /** PEM of the CA of tls:// brokers, asked at each connect; undefined = those that this machine trusts. */
  ca?: () => string | undefined;
  version: string;
  platform: Platform;
  log: Log;
  logs: (maxBytes: number) => Promise<{ text: string; truncated: boolean }>;
  signal: AbortSignal;
  /** Wall clock, monotonic clock (milliseconds) and chance, so that tests can bend them. */
  wall?: () => number;
  mono?: () => number;
  random?: () => number;
  ledgerLimits?: FolderOptions['ledgerLimits'];
  /** What a simulated PC has in place of a disk, and of the shells. */
  stores?: { ledger: LedgerStore; outbox: OutboxStore };
  start?: (request: ScriptRequest) => Promise<RunningScript>;
  /** Without it this PC has no inventory but what scripts write. */
  inventory?: InventoryOptions;
  step?: Step;
  reconnectDelay?: () => number;
  /** Whom this PC obeys; default: whom its identity names. Without either, in open mode, everybody who reaches the broker. */
  trust?: TrustOptions;
  /** A setting of this PC: commands as the seeds send them are run although nobody has signed them. */
  allowUnsigned?: boolean;
  /** Told when it is connected: as which PC. */
  onReady?: (pcId: string) => void;
}

type Whole = AgentOptions & Required<Pick<AgentOptions, 'wall' | 'mono' | 'random' | 'step'>>;

/** Milliseconds an orderly stop gives the outbox. */
const STOP_DRAIN = 10_000;
const HOUSEKEEPING_EVERY = 3600_000;
/** A sync can get lost: this often everything is read again without one. */
const REFRESH_EVERY = 600_000;

/** What is known of this PC once it is one. */
type Known = Whole & LinkOptions;

/**
 * One agent, from its folder to its last message (design section 4). Resolves after an orderly stop; rejects with
 * `folder_in_use` when another agent has the folder, with `no_identity` when it has nothing to enrol with, and when the
 * connection is dead beyond repair.
 */
export async function runAgent(given: AgentOptions): Promise<void> {
  const options: Whole = { wall: Date.now, mono: () => performance.now(), random: Math.random, step: () => {}, ...given };
  while (await runOnce(options)) options.log.info({}, 'the agent begins anew');
}

/** True when it has become another PC: then it begins anew as that. */
async function runOnce(options: Whole): Promise<boolean> {
  const { platform, version, signal } = options;
  const about = { version, hostname: platform.hostname, os: platform.os, tz: platform.tz };
  const identity = options.identity && (await Identity.open({ ...options, ...options.identity }));
  const before = knownAs(options, identity);
  const prepare = async () => identity?.settle();
  await using folder = await openUntilUsable({ ...options, prepare }, before, about, signal).catch((error) =>
    sayFolderInUse(before, signal, error),
  );
  if (folder === undefined) return false;
  const { ledgerId } = folder.ledger;
  await identity?.obtain(ledgerId, signal).catch(unlessAborted(signal));
  const known = knownAs(options, identity, ledgerId);
  if (known === undefined || signal.aborted) return false;
  await using _renewing = identity && inBackground((ended) => identity.keep(ledgerId, ended));
  const parts = await compose(known, folder);
  await parts.executor.recover();
  if (!options.stores) await clearLeftovers(parts.runDeps);
  await using nats = await connectAgent({ ...known, seal: parts.trust }, identity ? AbortSignal.any([signal, identity.again]) : signal);
  if (nats !== undefined) {
    parts.connect(nats);
    await serve(known, { about, identity }, folder, parts, nats);
  }
  return identity?.again.aborted === true && !signal.aborted;
}

function knownAs(options: Whole, identity: Identity | undefined, ledgerId = ''): Known | undefined {
  const { nats } = options;
  if (identity === undefined) return nats === undefined ? undefined : { ...options, nats };
  const { enrolled } = identity;
  if (enrolled === undefined) return undefined;
  return {
    ...options,
    pcId: enrolled.pc_id,
    nats: nats ?? enrolled.servers.join(','),
    ca: () => identity.enrolled?.ca ?? options.ca?.(),
    credential: () => identity.authenticate(),
    onRefused: () => identity.renewEarly(),
    trust: options.trust ?? {
      keys: () => identity.commandKeys(),
      renewKeys: () => identity.renewKeys(ledgerId, options.signal),
      ...(options.allowUnsigned === undefined ? {} : { allowUnsigned: options.allowUnsigned }),
    },
  };
}

function inBackground(work: (signal: AbortSignal) => Promise<void>): AsyncDisposable {
  const end = new AbortController();
  const done = work(end.signal);
  return {
    async [Symbol.asyncDispose]() {
      end.abort();
      await done;
    },
  };
}

function unlessAborted(signal: AbortSignal): (error: unknown) => void {
  return (error) => {
    if (!signal.aborted) throw error;
  };
}

/** Everything of an agent but its connection. */
async function compose(options: Known, { clock, heard, ledger, outboxStore, inventory }: AgentFolder) {
  const { pcId, dataDir, platform, mono, random, step, log } = options;
  let link: Nats | undefined;
  const outbox = await Outbox.open({
    store: outboxStore,
    publish: async (subject, bytes, timeout) => {
      await step('before_publish', subject);
      await link!.publishStored(subject, bytes, { timeout });
      await step('published', subject);
    },
    subjectOf: (kind, name, bytes) => subjectOf(kind, name, bytes, pcId),
    clock: mono,
    random,
    log,
  });
  const standing = new Standing(ledger.ledgerId);
  const catchUp = new CatchUp(mono);
  let encoding: Promise<string> | undefined;
  const consoleEncoding = () => {
    encoding ??= platform.consoleEncoding();
    return encoding;
  };
  const reports = new Reports({ pcId, clock: clock.now, outbox, consoleEncoding, log });
  const refusals = new Refusals({ reports, mono, log });
  const trust = options.trust && new Trust({ options: options.trust, clock: clock.now, mono, random, heard, log });
  const knowledge = new Knowledge(
    () => link!,
    pcId,
    mono,
    (subject, { code, message: detail }) => void refusals.mention({ code, detail, subject }),
  );
  const publisher = new Publisher({ pcId, ledgerId: ledger.ledgerId, standing, clock: clock.now, outbox, state: inventory, log });
  const collector = new Collector({ options: options.inventory, publisher, standing, clock: clock.now, random, log });
  const customSections = new CustomSections({ publisher, consoleEncoding, log });
  const runDeps = { dir: join(dataDir, 'run'), platform, mono, log };
  const executor = new Executor({
    pcId,
    clock: clock.now,
    timeIsKnown: () => clock.certain,
    mono,
    random,
    nats: () => link,
    ledger,
    reports,
    customSections,
    catchUp,
    standing,
    knowledge,
    turns: new Turns(),
    start: options.start ?? ((request) => startScript(runDeps, request)),
    endLeftover: (resultId) => (options.stores ? Promise.resolve() : endLeftover(runDeps, resultId)),
    step,
    log,
  });
  const outboxIsFull = () => outbox.isFull();
  const intake = new Intake({ pcId, clock: clock.now, ledger, standing, knowledge, executor, refusals, trust, outboxIsFull, step, log });
  const connect = (nats: Nats) => {
    link = nats;
  };
  return { outbox, catchUp, standing, knowledge, reports, refusals, trust, publisher, collector, runDeps, executor, intake, connect };
}

type Parts = Awaited<ReturnType<typeof compose>>;

/** From the first connection to the orderly stop. */
async function serve(
  options: Known,
  { about, identity }: { about: Pick<Heartbeat, 'version' | 'hostname' | 'os' | 'tz'>; identity: Identity | undefined },
  folder: AgentFolder,
  parts: Parts,
  nats: Nats,
): Promise<void> {
  const { pcId, version, mono, random, log, logs, signal } = options;
  const { clock, ledger } = folder;
  const { outbox, catchUp, standing, knowledge, reports, refusals, trust, publisher, collector, executor, intake } = parts;
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
      problems: [
        ...ledger.problems(),
        ...outbox.problems(),
        ...(identity?.problems() ?? []),
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
    onSync: (sync) => {
      clock.anchor(Date.parse(sync.now));
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
    ...(trust === undefined ? [] : [trust.run(running.signal)]),
    collector.run(running.signal),
  ];
  options.onReady?.(pcId);

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
