import { fork } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { decode, encode } from '#core/contract/codec.ts';
import { InventoryReply } from '#core/contract/control.ts';
import { subjects } from '#core/contract/subjects.ts';
import { TestKanade } from '#tests/support/kanade.ts';
import { testConnection } from '#tests/support/projection.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { until } from '#tests/support/until.ts';
import type { Figures } from './figures.ts';

/** Linux counts CPU time in these. */
const TICKS_PER_SECOND = 100;

/** RSS and CPU of the agent as it is shipped: one bundled file, connected and with nothing to do. Linux only: it reads /proc. */
export async function measureIdleAgent(figures: Figures, { warmUp, period }: { warmUp: number; period: number }): Promise<void> {
  await using kanade = await TestKanade.start();
  const root = fileURLToPath(new URL('../../', import.meta.url));
  const outfile = join(kanade.dir, 'bundle', 'core', 'agent', 'main.mjs');
  await mkdir(join(kanade.dir, 'bundle', 'core', 'agent'), { recursive: true });
  for (const file of ['package.json', 'Kanade.psd1']) await copyFile(join(root, file), join(kanade.dir, 'bundle', file));
  await cp(join(root, 'ps-module'), join(kanade.dir, 'bundle', 'ps-module'), { recursive: true });
  await build({
    entryPoints: [join(root, 'core/agent/main.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const args = ['--open', '--nats', kanade.broker.url, '--pc-id', 'IDLE', '--data-dir', join(kanade.dir, 'idle')];
  // It is collected when we say so, and not by chance in the middle.
  args.push('--inventory-interval', 'off');
  const agent = fork(outfile, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
  try {
    await Promise.race([
      once(agent, 'message'),
      once(agent, 'exit').then(([code]) => Promise.reject(new Error(`the agent ended: ${code}`))),
    ]);
    await kanade.backend.agentReady('IDLE');
    await sleep(warmUp);
    const before = await look(agent.pid!);
    await sleep(period);
    const after = await look(agent.pid!);
    const share = (after.cpuSeconds - before.cpuSeconds) / (period / 1000);
    figures.add('idle agent, bundled: RSS', `${after.rssMb.toFixed(0)} MB`, '< 70 MB', after.rssMb < 70);
    const ran = `over ${period / 1000} s`;
    figures.add('idle agent, bundled: CPU', `${(share * 100).toFixed(2)} % of a core ${ran}`, '< 0.2 %', share < 0.002);
    if (PWSH === undefined) return;
    await collect(kanade.broker.url, 'IDLE');
    await until('PowerShell has gone', async () => (await childrenOf(agent.pid!)) === '', 120_000);
    figures.add('the same, after it has collected its inventory: RSS', `${(await look(agent.pid!)).rssMb.toFixed(0)} MB`);
  } finally {
    agent.kill('SIGKILL');
  }
}

async function collect(url: string, pc: string): Promise<void> {
  await using nats = await testConnection(url, new AbortController().signal);
  const reply = subjects.reply(pc, 'bench');
  const answer = await nats.request(subjects.control(pc, 'inventory'), encode({}), { timeout: 300_000, reply });
  const { problem } = decode(InventoryReply, answer.data);
  if (problem !== undefined) throw new Error(`no inventory was collected: ${problem}`);
}

function childrenOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
}

async function look(pid: number): Promise<{ cpuSeconds: number; rssMb: number }> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // After the name, which may hold anything, utime and stime are the 12th and 13th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const rss = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]);
  return { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, rssMb: (rss * 1024) / 1e6 };
}
