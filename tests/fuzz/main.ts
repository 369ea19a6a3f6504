import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { fuzz } from './run.ts';

const HELP = `npm run fuzz -- [options]            inputs that nobody should send, against a real backend and broker
  --inputs 120000                    how many in all
  --seed <number>                    default: another one each time, which is said
  --only HTTP,seals,...              parts of the names of what is tried`;

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '120000' },
    seed: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(HELP);
  process.exit(0);
}
const seed = values.seed === undefined ? randomInt(2 ** 31) : Number(values.seed);
console.log(`seed ${seed}`);
const findings = await fuzz({
  inputs: Number(values.inputs),
  seed,
  only: values.only?.split(','),
  say: (line) => console.log(`  ${line}`),
});
for (const { target, n, what, input } of findings) console.log(`\n${target} ${n} (seed ${seed}): ${what}\n${input}`);
console.log(findings.length === 0 ? '\nNothing was found: no crash, no 500, no hang.' : `\n${findings.length} findings`);
process.exit(findings.length === 0 ? 0 : 1);
