import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { InventorySource } from '#core/agent/inventory/inventory-source.ts';
import { PowershellSource, type SourceLimits } from '#core/agent/inventory/powershell-source.ts';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { clearLeftovers } from '#core/agent/run/leftover.ts';
import type { InventoryRow } from '#core/contract/inventory.ts';
import { startChild } from '#tests/support/child.ts';
import { gone } from '#tests/support/evidence.ts';
import { answer, InventoryModule } from '#tests/support/inventory-module.ts';
import { PWSH } from '#tests/support/pwsh.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { tempDir } from '#tests/support/temp.ts';
import { until } from '#tests/support/until.ts';

const never = new AbortController().signal;

interface Bench extends AsyncDisposable {
  dir: string;
  source: InventorySource;
  module: InventoryModule;
  /** The folders of sessions that run. */
  folders(): Promise<string[]>;
  /** The process that answers now. */
  pid(): Promise<number>;
}

/** A source that asks a module of the test's own, in a folder with a name that PowerShell could misunderstand. */
async function bench(limits: Partial<SourceLimits> = {}): Promise<Bench> {
  const temp = await tempDir();
  const dir = join(temp.path, "it's [a] $(folder) für");
  await mkdir(dir);
  const module = await InventoryModule.create(join(dir, 'module'));
  await module.does('bios', `${answer('bios', { pid: 0 })}.Replace('"pid":0', '"pid":' + $PID)`);
  const runDir = join(dir, 'run');
  const deps = { platform: currentPlatform(), runDir, module: module.path, mono: () => performance.now(), log: quietLog };
  const source = new PowershellSource({ ...deps, limits });
  const folders = () => readdir(runDir).catch(() => []);
  return {
    dir,
    source,
    module,
    folders,
    pid: async () => {
      const reading = await source.read('bios', never);
      return 'data' in reading ? Number((reading.data as InventoryRow | null)?.pid) : Number.NaN;
    },
    [Symbol.asyncDispose]: async () => {
      await source.close();
      expect(await folders()).toEqual([]);
      await temp[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(PWSH === undefined)('the inventory through node-powershell', () => {
  test('sections are those that there are, in our order, and say what was read', async () => {
    await using b = await bench();
    await b.module.says('os', { name: 'Wïndows „11“ \u001b[31m', build: 22631, list: ['a', 1, null] });
    await b.module.says('software', [], { faults: [{ source: 'HKLM', code: 'access_denied', message: 'no' }] });
    await b.module.says('newer_than_us', {});
    expect(await b.source.sections(never)).toEqual({ sections: ['os', 'bios', 'software'] });
    expect(await b.source.read('os', never)).toEqual({
      data: { name: 'Wïndows „11“ \u001b[31m', build: 22631, list: ['a', 1, null] },
      faults: [],
    });
    expect(await b.source.read('software', never)).toEqual({
      data: [],
      faults: [{ source: 'HKLM', code: 'access_denied', message: 'no' }],
    });
  });

  test('one PowerShell answers everything, without the secrets of the agent in its environment', async () => {
    process.env.KANADE_SECRET = 'x';
    try {
      await using b = await bench();
      await b.module.does('os', 'if ($env:KANADE_SECRET) { "told" } else { [Environment]::Exit(7) }');
      const pid = await b.pid();
      expect(await b.pid()).toBe(pid);
      expect(await b.source.read('os', never)).toMatchObject({ faults: [{ message: 'PowerShell ended with 7' }] });
    } finally {
      delete process.env.KANADE_SECRET;
    }
  });

  test.each<[string, string, { code: string; message?: unknown }]>([
    ['hangs', 'Start-Sleep -Seconds 600', { code: 'timed_out' }],
    ['hangs in a child that ignores being asked to end', `& /bin/sh -c 'trap "" TERM; while :; do sleep 1; done'`, { code: 'timed_out' }],
    ['says something else', '"hello"', { code: 'failed', message: 'it is not JSON in UTF-8' }],
    ['says nothing', '', { code: 'failed', message: 'PowerShell wrote 0 lines in place of one' }],
    ['says too much', '"{}"; "{}"', { code: 'failed', message: 'PowerShell wrote 2 lines in place of one' }],
    [
      'says what another section is',
      `'{"section":"cpu","collected_at":"2026-11-21T10:00:00Z","data":null,"faults":[],"working_set":1}'`,
      { code: 'failed', message: 'it is the section cpu' },
    ],
    ['fails', 'throw "broken"', { code: 'failed', message: expect.stringMatching(/0 lines.*: .*broken/) }],
    ['writes without end', 'while ($true) { "x" * 100000 }', { code: 'failed', message: expect.stringContaining('more than') }],
    ['exits', '[Environment]::Exit(3)', { code: 'failed', message: 'PowerShell ended with 3' }],
    ['exits as if all were well', '"{}"; [Environment]::Exit(0)', { code: 'failed', message: 'PowerShell ended with 0' }],
    ['is killed', 'Stop-Process -Id $PID -Force; Start-Sleep -Seconds 600', { code: 'failed', message: 'PowerShell ended with SIGKILL' }],
  ])('a section that %s has a fault, and the next one is read in a new PowerShell', async (_, script, fault) => {
    await using b = await bench(fault.code === 'timed_out' ? { section: 1000, grace: 4000 } : {});
    await b.module.does('os', script);
    const before = await b.pid();
    expect(await b.source.read('os', never)).toEqual({ data: null, faults: [expect.objectContaining({ source: 'os', ...fault })] });
    expect(await b.pid()).not.toBe(before);
    await until('the one before is gone', () => gone(before));
    expect(await b.folders()).toHaveLength(1);
  });

  test('what is written to stderr beside an answer spoils nothing', async () => {
    await using b = await bench();
    await b.module.does('os', `[Console]::Error.WriteLine('noise'); ${answer('os', { name: 'x' })}`);
    const before = await b.pid();
    expect(await b.source.read('os', never)).toEqual({ data: { name: 'x' }, faults: [] });
    expect(await b.pid()).toBe(before);
  });

  test('an agent that has other things to do loses no answer', async () => {
    await using b = await bench();
    const pid = await b.pid();
    for (let n = 0; n < 10; n++) {
      const answer = b.pid();
      const until = performance.now() + 100;
      while (performance.now() < until);
      expect(await answer).toBe(pid);
    }
  });

  test('a PowerShell that has grown is replaced after its answer', async () => {
    await using b = await bench({ workingSet: 200_000_000 });
    await b.module.says('os', {}, { working_set: 200_000_001 });
    await b.module.says('cpu', [], { working_set: 199_999_999 });
    const before = await b.pid();
    await b.source.read('cpu', never);
    expect(await b.pid()).toBe(before);
    expect(await b.source.read('os', never)).toEqual({ data: {}, faults: [] });
    expect(await b.pid()).not.toBe(before);
    await until('the one before is gone', () => gone(before));
  });

  test('a PowerShell that nobody asks anything goes, and comes back when it is asked', async () => {
    await using b = await bench({ idle: 200 });
    const before = await b.pid();
    await until('it is gone', () => gone(before));
    await until('its folder too', async () => (await b.folders()).length === 0);
    expect(await b.pid()).not.toBe(before);
  });

  test('a PowerShell that somebody ends while nothing is asked is noticed, and the agent lives on', async () => {
    await using b = await bench();
    const before = await b.pid();
    process.kill(before, 'SIGKILL');
    // What is asked before its end is known has no answer, and a fault.
    const after = await until('another one answers', async () => (await b.pid()) || false);
    expect(after).not.toBe(before);
  });

  test('stopping in the middle of a section ends it and all that it has started', async () => {
    await using b = await bench();
    await b.module.does('os', `& /bin/sh -c 'echo $$ > child; exec sleep 600'`);
    const pid = await b.pid();
    const stop = new AbortController();
    const reading = b.source.read('os', stop.signal);
    const [folder] = await b.folders();
    const child = await until('its child runs', async () => Number(await readFile(join(b.dir, 'run', folder!, 'work', 'child'), 'utf8')));
    stop.abort(new Error('enough'));
    await expect(reading).rejects.toThrow('enough');
    for (const each of [pid, child]) expect(await gone(each)).toBe(true);
  });

  test.each([
    ['while it waits', false],
    ['while it hangs', true],
  ])('an agent that is killed leaves no PowerShell behind: %s', async (_, hangs) => {
    await using b = await bench();
    const runDir = join(b.dir, 'run');
    if (hangs) await b.module.does('os', 'Start-Sleep -Seconds 600');
    await using child = startChild('read-inventory.ts', b.module.path, runDir, hangs ? 'os' : '');
    const pid = Number(await child.next());
    if (hangs) expect(await child.next()).toBe('asked');
    await child.kill();
    if (hangs) {
      expect(await gone(pid)).toBe(false);
      // What the next start of the agent does, before anything else.
      await clearLeftovers({ dir: runDir, platform: currentPlatform(), mono: () => performance.now(), log: quietLog });
    }
    await until('it is gone', () => gone(pid));
    await clearLeftovers({ dir: runDir, platform: currentPlatform(), mono: () => performance.now(), log: quietLog });
    expect(await b.folders()).toEqual([]);
  });

  test('a PowerShell that cannot be started is a problem, and the agent lives on', async () => {
    await using b = await bench();
    const platform = { ...currentPlatform(), shell: async () => ({ path: join(b.dir, 'no such pwsh') }) };
    const deps = { platform, runDir: join(b.dir, 'run'), module: b.module.path, mono: () => performance.now(), log: quietLog };
    const source = new PowershellSource(deps);
    for (let n = 0; n < 2; n++) expect(await source.sections(never)).toEqual({ problem: expect.stringMatching(/ENOENT|ended/) });
    expect(await b.folders()).toEqual([]);
  });

  test('a PC without PowerShell lacks it, calmly', async () => {
    await using b = await bench();
    const platform = { ...currentPlatform(), shell: async () => ({ missing: 'pwsh is not in any folder of PATH' }) };
    const deps = { platform, runDir: join(b.dir, 'run'), module: b.module.path, mono: () => performance.now(), log: quietLog };
    expect(await new PowershellSource(deps).sections(never)).toEqual({ missing: 'pwsh is not in any folder of PATH' });
  });

  test('a module that cannot be imported is a problem, in a few words', async () => {
    await using b = await bench();
    await b.module.says('os', {});
    const source = new PowershellSource({
      platform: currentPlatform(),
      runDir: join(b.dir, 'run'),
      module: join(b.dir, 'nowhere', 'Kanade.psd1'),
      mono: () => performance.now(),
      log: quietLog,
    });
    expect(await source.sections(never)).toEqual({ problem: expect.stringMatching(/cannot be imported: .*nowhere/) });
    expect(await source.read('os', never)).toEqual({ problem: expect.stringContaining('cannot be imported') });
    await source.close();
  });
});
