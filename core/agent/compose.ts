import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import type { Nats } from '#core/nats/connection.ts';
import type { AgentFolder } from './folder.ts';
import { CatchUp } from './intake/catch-up.ts';
import { Intake } from './intake/intake.ts';
import { Knowledge } from './intake/knowledge.ts';
import { Standing } from './intake/standing.ts';
import { Collector } from './inventory/collector.ts';
import { CustomSections } from './inventory/custom-sections.ts';
import { Publisher } from './inventory/publisher.ts';
import type { Known } from './options.ts';
import { Outbox } from './outbox/outbox.ts';
import { subjectOf } from './outbox/subject-of.ts';
import { Refusals } from './report/refusals.ts';
import { Reports } from './report/reports.ts';
import { Executor } from './run/executor.ts';
import { endLeftover } from './run/leftover.ts';
import { startScript } from './run/run-script.ts';
import { Turns } from './run/turns.ts';
import { Trust } from './trust.ts';
import { updatesOf } from './update/updates-of.ts';

/** Everything of an agent but its connection. */
export async function compose(options: Known, { clock, heard, ledger, outboxStore, inventory, update }: AgentFolder) {
  const { pcId, dataDir, platform, settings, wall, mono, random, step, writeEvent, log } = options;
  let link: Nats | undefined;
  const outbox = await Outbox.open({
    store: outboxStore,
    publish: async (subject, bytes, timeout) => {
      await step('before_publish', subject);
      await link!.publishStored(subject, bytes, { timeout });
      await step('published', subject);
    },
    ...(settings && { maxBytes: () => settings.current.outboxLimit }),
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
  const refusals = new Refusals({ reports, mono, writeEvent, log });
  const trust = options.trust && new Trust({ options: options.trust, clock: clock.now, wall, mono, random, heard, log });
  const knowledge = new Knowledge(
    () => link!,
    pcId,
    mono,
    (subject, { code, message: detail }) => void refusals.mention({ code, detail, subject }),
  );
  const publisher = new Publisher({ pcId, ledgerId: ledger.ledgerId, standing, clock: clock.now, outbox, state: inventory, log });
  const collector = new Collector({ options: options.inventory, settings, publisher, standing, clock: clock.now, random, log });
  const customSections = new CustomSections({ publisher, consoleEncoding, log });
  const outputLimit = () => settings?.current.outputLimit ?? OUTPUT_MAX;
  const runDeps = { dir: join(dataDir, 'run'), platform, mono, outputLimit, log };
  const turns = new Turns(() => settings?.current.parallelRuns ?? availableParallelism());
  const updates = updatesOf(options, { state: update, turns, clock: clock.now, heard });
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
    turns,
    updates,
    start: options.start ?? ((request) => startScript(runDeps, request)),
    endLeftover: (resultId) => (options.stores ? Promise.resolve() : endLeftover(runDeps, resultId)),
    step,
    writeEvent,
    log,
  });
  const outboxIsFull = () => outbox.isFull();
  const intake = new Intake({ pcId, clock: clock.now, ledger, standing, knowledge, executor, refusals, trust, outboxIsFull, step, log });
  const connect = (nats: Nats) => {
    link = nats;
  };
  return {
    outbox,
    catchUp,
    standing,
    knowledge,
    reports,
    refusals,
    trust,
    publisher,
    collector,
    runDeps,
    turns,
    executor,
    updates,
    intake,
    connect,
  };
}

export type Parts = Awaited<ReturnType<typeof compose>>;
