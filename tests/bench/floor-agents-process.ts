import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { inParallel } from '#core/nats/in-parallel.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { resultOf, startedOf, testConnection } from '#tests/support/projection.ts';
import { pcNames, type SimulatedShare } from '#tests/support/simulated-agents.ts';

/** The floor's PCs: a connection each, and for each command a start and a result at once. No ledger, no outbox, no checks. */
const share = JSON.parse(process.argv[2]!) as SimulatedShare & { nats: string };
const signal = endWithParent();
await inParallel(pcNames(share), 100, async (pc) => {
  const nats = await testConnection(share.nats, signal);
  const answer = (subject: string) => {
    const exec = subject.slice(subject.lastIndexOf('.') + 1);
    const stdout = { stdout: 'done\n', stdout_bytes: 5 };
    void nats.publishStored(subjects.started(exec, pc), encode(startedOf(exec, pc)), { timeout: 120_000 });
    void nats.publishStored(subjects.result(exec, pc), encode(resultOf(exec, pc, stdout)), { timeout: 120_000 });
  };
  for (const subject of ['commands.all.*', `commands.pc.${pc}.*`]) nats.subscribe(subject, (m) => answer(m.subject));
  await nats.flush();
});
tellParent({ type: 'ready' });
signal.addEventListener('abort', () => process.exit(0), { once: true });
