import { parseArgs } from 'node:util';
import { messageOf } from '#core/contract/errors.ts';
import { measureAllPcs } from './all-pcs.ts';
import { measureEnrolment } from './enrolment.ts';
import { Figures, machine } from './figures.ts';
import { measureIdleAgent } from './idle-agent.ts';
import { measureFirstInventory, measureInventorySearch } from './inventory.ts';
import { measureLimits } from './limits.ts';
import { measureModule } from './module.ts';
import { measureOnePc } from './one-pc.ts';
import { measureProjector } from './projector.ts';
import { measureReconnect } from './reconnect.ts';
import { measureSchedules } from './schedules.ts';
import { soak } from './soak.ts';

const HELP = `npm run bench -- [options]           the figures of docs/performance.md, as a table at the end
  --only one,projector,inventory,schedules,all,idle,module,limits,enrolment,reconnect   only these (default: all)
  --pcs 1000,3000,10000              how many simulated PCs
  --repeats 3                        runs of each kind with so many
  --runs 200 --open                  runs on the one PC; in open mode, without identities and seals
  --reconnect-pcs 3000               how many simulated PCs with identities, by TLS
  --settle 65 --warm-up 60 --idle 120   seconds
  --flood 10000                      connections of a flood
npm run bench -- soak [options]      results through kill -9 of agents, backend and broker
  --results 100000 --soak-pcs 100 --seed 1 --minutes 14`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: 'string', default: 'one,projector,inventory,schedules,all,idle,module,limits,enrolment,reconnect' },
    pcs: { type: 'string', default: '1000,3000,10000' },
    repeats: { type: 'string', default: '3' },
    runs: { type: 'string', default: '200' },
    open: { type: 'boolean', default: false },
    'reconnect-pcs': { type: 'string', default: '3000' },
    settle: { type: 'string', default: '65' },
    'warm-up': { type: 'string', default: '60' },
    idle: { type: 'string', default: '120' },
    flood: { type: 'string', default: '10000' },
    results: { type: 'string', default: '100000' },
    'soak-pcs': { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string', default: '14' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const figures = new Figures();
const before = machine();
console.log(before);
if (positionals[0] === 'soak') {
  const { results, seed, minutes } = values;
  await soak(figures, { results: Number(results), seed: Number(seed), within: Number(minutes) * 60_000, pcs: Number(values['soak-pcs']) });
} else {
  const wanted = values.only.split(',');
  const counts = values.pcs.split(',').map(Number);
  const most = Math.max(...counts);
  const all = { repeats: Number(values.repeats), settle: Number(values.settle) * 1000 };
  const parts: [string, string, () => Promise<void>][] = [
    ['one', 'one PC', () => measureOnePc(figures, Number(values.runs), values.open)],
    ['projector', 'projector', () => measureProjector(figures)],
    ['inventory', 'first inventory', () => measureFirstInventory(figures)],
    ['inventory', 'inventory search', () => measureInventorySearch(figures)],
    ['schedules', 'schedules', () => measureSchedules(figures)],
    ...counts.map((count): [string, string, () => Promise<void>] => [
      'all',
      `${count} PCs`,
      () => measureAllPcs(figures, count, { ...all, lists: count === most }),
    ]),
    [
      'idle',
      'idle agent',
      () => measureIdleAgent(figures, { warmUp: Number(values['warm-up']) * 1000, period: Number(values.idle) * 1000 }),
    ],
    ['module', 'PowerShell module', () => measureModule(figures)],
    ['limits', 'limits', () => measureLimits(figures, Number(values.flood))],
    ['enrolment', 'enrolment', () => measureEnrolment(figures)],
    ['reconnect', 'reconnect', () => measureReconnect(figures, Number(values['reconnect-pcs']), all.settle)],
  ];
  for (const [part, name, measure] of parts) {
    if (!wanted.includes(part)) continue;
    // What was measured by then is worth having, also when one part breaks down.
    await measure().catch((error) => figures.add(name, `broke down: ${messageOf(error)}`, 'a figure', false));
  }
}
console.log(`\nBefore: ${before}\nAfter: ${machine()}\n\n${figures.table()}`);
process.exit(0);
