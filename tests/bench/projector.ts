import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { projectionBench, resultOf, startedOf, submit } from '#tests/support/projection.ts';

/**
 * Rows a second of the projection alone: a broker is filled with N PCs' starts and results first, then a projection with
 * an empty database reads it all. Run: node tests/bench/projector.ts [PCs per execution] [executions]
 */
const pcs = Number(process.argv[2] ?? 10_000);
const executions = Number(process.argv[3] ?? 5);

await using bench = await projectionBench();
const { nats } = bench;
const names = Array.from({ length: pcs }, (_, n) => `PC-${String(n).padStart(5, '0')}`);
const last = { EXECUTIONS: 0, EVENTS: 0, RESULTS: 0 };
for (let n = 0; n < executions; n++) {
  const exec = `bench-${n}`;
  last.EXECUTIONS = await submit(nats, exec, names);
  const stdout = 'x'.repeat(200);
  for (let from = 0; from < names.length; from += 500) {
    const some = names.slice(from, from + 500);
    const events = some.map((pc) => nats.publishStored(subjects.started(exec, pc), encode(startedOf(exec, pc))));
    const results = some.map((pc) => nats.publishStored(subjects.result(exec, pc), encode(resultOf(exec, pc, { stdout }))));
    for (const { seq } of await Promise.all(events)) last.EVENTS = Math.max(last.EVENTS, seq);
    for (const { seq } of await Promise.all(results)) last.RESULTS = Math.max(last.RESULTS, seq);
  }
}
const messages = last.EXECUTIONS + last.EVENTS + last.RESULTS;
console.log(`${messages} messages stored; projecting ...`);
const t0 = performance.now();
const c0 = process.cpuUsage();
await using running = await bench.start();
let commits = 0;
const stop = running.projection.onCommit(() => commits++);
const timeout = 600_000;
const done = (['EXECUTIONS', 'EVENTS', 'RESULTS'] as const).map((stream) => running.projection.passed(stream, last[stream], { timeout }));
await Promise.all(done);
const seconds = (performance.now() - t0) / 1000;
stop();
const cpu = process.cpuUsage(c0);
const rows = messages - last.EXECUTIONS + executions * pcs;
console.log(
  `${Math.round((messages - last.EXECUTIONS) / seconds)} messages/s (start or result), ${Math.round(rows / seconds)} rows/s with those of the submissions; ${seconds.toFixed(2)} s, ${commits} commits, CPU ${((cpu.user + cpu.system) / 1e6).toFixed(2)} s`,
);
