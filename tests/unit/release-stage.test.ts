import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '#core/contract/ids.ts';
import { installedText } from '#core/release/installed.ts';
import type { ReleaseManifest } from '#core/release/manifest.ts';
import { type StageRelease, stageRelease } from '#core/release/stage.ts';
import { type Contents, filesOf, installVersion, manifestOf } from '#tests/support/release.ts';
import { type TempDir, tempDir } from '#tests/support/temp.ts';

const OLD = { 'node.exe': 'node 24', 'agent.mjs': 'agent one', 'module/Kanade.psd1': 'module', 'wrapper.ps1': 'wrapper' };
const NEW = { ...OLD, 'agent.mjs': 'agent two', 'module/New.ps1': 'new' };

/** A PC with version 1.0.0, and where it fetches from. */
class Pc {
  readonly asked: string[] = [];
  readonly versions: string;
  readonly running: string;
  served: Record<string, Uint8Array>;
  readonly #temp: TempDir;

  static async make(): Promise<Pc> {
    const pc = new Pc(await tempDir());
    await installVersion(pc.running, '1.0.0', OLD);
    return pc;
  }

  private constructor(temp: TempDir) {
    this.#temp = temp;
    this.versions = join(temp.path, 'versions');
    this.running = join(this.versions, '1.0.0');
    this.served = Object.fromEntries(Object.values(NEW).map((content) => [sha256(content), Buffer.from(content)]));
  }

  async *fetch(hash: string): AsyncGenerator<Uint8Array> {
    this.asked.push(hash);
    const bytes = this.served[hash]!;
    yield bytes.subarray(0, 3);
    yield bytes.subarray(3);
  }

  stage(manifest: ReleaseManifest = manifestOf(NEW), change: Partial<StageRelease> = {}) {
    const { versions: versionsFolder, running: runningFolder } = this;
    const fetch = (hash: string) => this.fetch(hash);
    return stageRelease({ manifest, versionsFolder, runningFolder, fetch, signal: new AbortController().signal, ...change });
  }

  /** What lies in a version's folder. */
  async contents(version = '1.1.0'): Promise<Contents> {
    const folder = join(this.versions, version);
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const read = files.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), await readFile(path, 'utf8')] as const;
    });
    return Object.fromEntries(await Promise.all(read));
  }

  names = () => readdir(this.versions).then((names) => names.sort());
  [Symbol.asyncDispose] = () => this.#temp[Symbol.asyncDispose]();
}

const WHOLE = { ...NEW, 'release.json': installedText('1.1.0', filesOf(NEW)) };
const hashes = (...contents: string[]) => contents.map((content) => sha256(content));

describe('staging a release', () => {
  it('fetches only what the running version has not', async () => {
    await using pc = await Pc.make();
    const staged = await pc.stage();
    expect(staged).toEqual({
      folder: join(pc.versions, '1.1.0'),
      fetchedBytes: 12,
      fetchedFiles: 2,
      copiedFiles: 3,
      alteredFiles: [],
    });
    expect(pc.asked).toEqual(hashes('agent two', 'new'));
    expect(await pc.contents()).toEqual(WHOLE);
    expect(await pc.names()).toEqual(['1.0.0', '1.1.0']);
  });

  it('fetches what was altered on the PC, and says so', async () => {
    await using pc = await Pc.make();
    await writeFile(join(pc.running, 'node.exe'), 'node 66');
    await rm(join(pc.running, 'wrapper.ps1'));
    const { alteredFiles, fetchedFiles } = await pc.stage();
    expect([alteredFiles.sort(), fetchedFiles]).toEqual([['node.exe', 'wrapper.ps1'], 4]);
    expect(await pc.contents()).toEqual(WHOLE);
  });

  it('takes nothing from the running version through a link', async () => {
    await using pc = await Pc.make();
    await rm(join(pc.running, 'node.exe'));
    await writeFile(join(pc.versions, 'elsewhere'), OLD['node.exe']);
    await symlink(join(pc.versions, 'elsewhere'), join(pc.running, 'node.exe'));
    expect((await pc.stage()).alteredFiles).toEqual(['node.exe']);
  });

  it('fetches everything where the running version has no list', async () => {
    await using pc = await Pc.make();
    await writeFile(join(pc.running, 'release.json'), '{');
    expect(await pc.stage()).toMatchObject({ fetchedFiles: 5, copiedFiles: 0 });
    expect(await pc.contents()).toEqual(WHOLE);
  });

  it.each([
    ['other bytes', 'agent 666'],
    ['fewer bytes', 'agent'],
    ['more bytes', 'agent two and more'],
  ])('leaves nothing of a release that comes with %s', async (_, wrong) => {
    await using pc = await Pc.make();
    pc.served[sha256('agent two')] = Buffer.from(wrong);
    await expect(pc.stage()).rejects.toMatchObject({ code: 'release_file_wrong' });
    expect(await pc.names()).toEqual(['1.0.0']);
    pc.served[sha256('agent two')] = Buffer.from('agent two');
    await pc.stage();
    expect(await pc.contents()).toEqual(WHOLE);
  });

  it('ends a file that never ends', async () => {
    await using pc = await Pc.make();
    let given = 0;
    const fetch = async function* () {
      for (;;) yield Buffer.alloc(1024, ++given);
    };
    await expect(pc.stage(undefined, { fetch })).rejects.toMatchObject({ code: 'release_file_wrong' });
    expect(given).toBeLessThan(3);
  });

  it('says what the source says, and leaves nothing', async () => {
    await using pc = await Pc.make();
    const fetch = async function* () {
      yield Buffer.from('age');
      throw new Error('the line is cut');
    };
    await expect(pc.stage(undefined, { fetch })).rejects.toThrow('the line is cut');
    expect(await pc.names()).toEqual(['1.0.0']);
  });

  it('ends when it is told to, and can be called again', async () => {
    await using pc = await Pc.make();
    const abort = new AbortController();
    const fetch = (hash: string) => {
      abort.abort(new Error('the PC shuts down'));
      return pc.fetch(hash);
    };
    await expect(pc.stage(undefined, { fetch, signal: abort.signal })).rejects.toThrow('the PC shuts down');
    expect(await pc.names()).toEqual(['1.0.0']);
    await pc.stage();
    expect(await pc.contents()).toEqual(WHOLE);
  });

  it('throws away what a call left that was killed, of whatever version', async () => {
    await using pc = await Pc.make();
    await mkdir(join(pc.versions, '1.1.0.partial', 'module'), { recursive: true });
    await writeFile(join(pc.versions, '1.1.0.partial', 'agent.mjs'), 'age');
    await mkdir(join(pc.versions, '1.0.5.partial'));
    await pc.stage();
    expect(await pc.contents()).toEqual(WHOLE);
    expect(await pc.names()).toEqual(['1.0.0', '1.1.0']);
  });

  it('takes what lies there whole, and makes anew what does not', async () => {
    await using pc = await Pc.make();
    await pc.stage();
    pc.asked.length = 0;
    expect(await pc.stage()).toMatchObject({ fetchedFiles: 0, copiedFiles: 0, fetchedBytes: 0 });
    const broken = [
      () => writeFile(join(pc.versions, '1.1.0', 'agent.mjs'), 'agent 666'),
      () => rm(join(pc.versions, '1.1.0', 'module', 'New.ps1')),
      () => rm(join(pc.versions, '1.1.0', 'release.json')),
      () => writeFile(join(pc.versions, '1.1.0', 'more.dll'), 'more'),
    ];
    for (const make of broken) {
      await make();
      expect(await pc.stage()).toMatchObject({ fetchedFiles: 2 });
      expect(await pc.contents()).toEqual(WHOLE);
    }
  });

  it('writes through no link, and removes nothing behind one', async () => {
    await using pc = await Pc.make();
    await using other = await tempDir();
    await writeFile(join(other.path, 'agent.mjs'), 'mine');
    await symlink(other.path, join(pc.versions, '1.1.0.partial'));
    await pc.stage();
    await rm(join(pc.versions, '1.1.0'), { recursive: true });
    await symlink(other.path, join(pc.versions, '1.1.0'));
    await expect(pc.stage()).rejects.toMatchObject({ code: 'release_folder_unsafe' });
    await symlink(pc.versions, join(other.path, 'versions'));
    await expect(pc.stage(undefined, { versionsFolder: join(other.path, 'versions') })).rejects.toMatchObject({
      code: 'release_folder_unsafe',
    });
    expect(await readFile(join(other.path, 'agent.mjs'), 'utf8')).toBe('mine');
  });

  it('begins nothing where the disk has no room for it', async () => {
    await using pc = await Pc.make();
    const freeBytes = async () => 64 * 1024 * 1024;
    await expect(pc.stage(undefined, { freeBytes })).rejects.toMatchObject({ code: 'disk_full' });
    expect([pc.asked, await pc.names()]).toEqual([[], ['1.0.0']]);
  });

  it('never replaces the version that runs', async () => {
    await using pc = await Pc.make();
    await expect(pc.stage(manifestOf(NEW, { version: '1.0.0' }))).rejects.toMatchObject({ code: 'release_not_newer' });
    expect(existsSync(join(pc.running, 'module', 'New.ps1'))).toBe(false);
  });
});
