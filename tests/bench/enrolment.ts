import { type Json, TestKanade } from '#tests/support/kanade.ts';
import { startProcess } from '#tests/support/processes.ts';
import { pcNames } from '#tests/support/simulated-agents.ts';
import { type Figures, seconds } from './figures.ts';

const ALL = 3000;
/** Processes that the PCs are in: on their own machines they would take nothing from the server's. */
const PROCESSES = 2;
const AT_MOST = 120_000;

/** All PCs of a fleet switched on at the same moment, none of which has an identity yet: with one token, until all are in. */
export async function measureEnrolment(figures: Figures, count = ALL): Promise<void> {
  await using kanade = await TestKanade.start({ identities: true, tls: true });
  const { backend } = kanade;
  const token = await backend.enrolmentToken({ uses: count, groups: ['bench'] });
  const share = count / PROCESSES;
  const begun = performance.now();
  const processes = Array.from({ length: PROCESSES }, (_, n) => {
    const range = { prefix: 'NEW', from: n * share, count: share };
    return startProcess('tests/bench/enrolling-process.ts', [JSON.stringify({ ...range, server: backend.url, token })]);
  });
  const told = await Promise.all(processes.map((process) => process.ready));
  const took = performance.now() - begun;
  const asked = told.reduce((sum, { requests }) => sum + Number(requests), 0);
  await Promise.all(processes.map((process) => process.kill()));

  const agents: Json[] = [];
  for (let cursor = ''; ; ) {
    const page = await backend.get(`/agents?limit=500&identity=active${cursor}`);
    agents.push(...page.items);
    if (page.next === null) break;
    cursor = `&cursor=${encodeURIComponent(page.next)}`;
  }
  const { used, uses_left } = await backend.get(`/enrolment-tokens/${token.split('_')[1]}`);
  const names = new Set(agents.map(({ pc_id }) => pc_id));
  const keys = new Set(agents.map(({ public_key }) => public_key));
  const missing = pcNames({ prefix: 'NEW', from: 0, count: count }).filter((pc) => !names.has(pc)).length;
  const whole = missing === 0 && agents.length === count && keys.size === count && used === count && uses_left === 0;
  figures.add(
    `${count} PCs enrol at once by HTTPS, until all are in`,
    `${seconds(took)}, ${missing} missing, ${used} uses, ${asked} requests`,
    '< 120 s, all in, none twice',
    whole && took < AT_MOST,
  );
}
