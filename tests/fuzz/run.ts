import { readFile } from 'node:fs/promises';
import { encode } from '#core/contract/codec.ts';
import { chance } from '#tests/bench/chance.ts';
import { connectAsBackend, issuePc, keysOf } from '#tests/support/identity.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { until } from '#tests/support/until.ts';
import { boundaries, commands } from './boundaries.ts';
import { jwts, protocol } from './broker.ts';
import { enrolments } from './enrolments.ts';
import { type Finding, runTarget, type Target } from './finding.ts';
import { connections, rawHttp, requests } from './http.ts';
import { seals } from './seals.ts';

export interface FuzzOptions {
  inputs: number;
  seed: number;
  /** Parts of the names of the targets; all when there is none. */
  only?: readonly string[];
  say: (line: string) => void;
}

/**
 * Runs against a real broker and a real backend with identities and TLS: what is sent to them is refused or done, and afterwards
 * both live, and have nothing to say of it but at most a warning.
 */
export async function fuzz({ inputs, seed, only = [], say }: FuzzOptions): Promise<Finding[]> {
  await using kanade = await TestKanade.start({ tls: true, identities: true });
  const stop = new AbortController();
  const { backend, broker } = kanade;
  const nats = await connectAsBackend(broker.url, kanade.identity!, stop.signal, { seal: await keysOf(backend) });
  const at = new Date().toISOString();
  const { credential, publicKey: public_key } = await issuePc(kanade.identity!, 'PC1');
  await nats.publishStored('$KV.agents.PC1', encode({ pc_id: 'PC1', enrolled_at: at, first_seen: at, last_seen: at, public_key }));
  await until('PC1 is enrolled', async () => (await backend.get('/agents/PC1')).identity === 'active');
  const api = { url: new URL(backend.url), token: backend.token, ca: await readFile(backend.caFile!, 'utf8') };
  const agent = connections(api);
  const { body: made } = await backend.call('POST', '/enrolment-tokens', { uses: null });
  const token = String(made.token);
  const brokerPid = broker.pid;
  const targets: Target[] = [
    boundaries,
    commands,
    seals,
    requests(api, agent),
    enrolments(api, agent, token),
    rawHttp(api),
    jwts(broker.port, credential),
    protocol(broker.port),
  ].filter(({ name }) => only.length === 0 || only.some((part) => name.includes(part)));
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const findings: Finding[] = [];
  for (const [index, target] of targets.entries()) {
    const count = Math.ceil((inputs * target.share) / shares);
    const began = performance.now();
    const found = await runTarget(target, count, (n) => chance(seed + index * 1_000_003 + n * 7919));
    say(`${target.name}: ${count} inputs in ${Math.round((performance.now() - began) / 1000)} s, ${found.length} findings`);
    findings.push(...found);
  }
  const after = (what: string): Finding => ({ target: 'afterwards', n: 0, what, input: '' });
  if (backend.process.child.exitCode !== null || backend.process.child.signalCode !== null)
    findings.push(after(`the backend ended: ${backend.process.output()}`));
  else if ((await backend.call('GET', '/agents')).status !== 200) findings.push(after('the backend does not answer'));
  const errors = backend.process
    .output()
    .split('\n')
    .filter((line) => /"level":"(?:error|fatal)"|unhandled|UnhandledPromise/i.test(line));
  if (errors.length > 0) findings.push(after(`the backend logged ${errors.length} errors: ${errors[0]}`));
  if (broker.pid !== brokerPid || !nats.connected) findings.push(after('the broker ended'));
  agent.destroy();
  stop.abort();
  await nats.close();
  return findings;
}
