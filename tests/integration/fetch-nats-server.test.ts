import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { access, chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fetchPackage } from '#backend/broker/apt-fetch.ts';
import { parseDeb822 } from '#backend/broker/apt-sources.ts';
import { cachedBinary, keepInCache } from '#backend/broker/binary-cache.ts';
import { findNatsServer } from '#backend/broker/find-nats-server.ts';
import { fetchRelease, type Release } from '#backend/broker/release.ts';
import { connectProxy } from '#tests/support/connect-proxy.ts';
import { tempDir } from '#tests/support/temp.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

/** A program that says which nats-server it is: all that finding one asks of it. */
async function fakeServer(path: string, version: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  await writeFile(path, `#!/bin/sh\necho 'nats-server: v${version}'\n`);
  await chmod(path, 0o755);
  return path;
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.skipIf(process.platform === 'win32')('PATH and cache', () => {
  test('the one on PATH is taken when it is new enough', async () => {
    await using temp = await tempDir();
    const old = await fakeServer(join(temp.path, 'old', 'nats-server'), '2.10.22');
    const current = await fakeServer(join(temp.path, 'current', 'nats-server'), '2.10.23');
    const env = { PATH: `${join(old, '..')}:/nonexistent:${join(current, '..')}:/bin`, XDG_CACHE_HOME: temp.path };
    expect(await findNatsServer({ env })).toEqual({ path: current, version: '2.10.23' });
  });

  test('the newest in the cache is taken; what is too old or does not run is not', async () => {
    await using temp = await tempDir();
    const entry = (version: string) => join(temp.path, `nats-server-${version}-${process.platform}-${process.arch}`, 'nats-server');
    await fakeServer(entry('2.9.0'), '2.9.0');
    await fakeServer(entry('2.10.30'), '2.10.30');
    await fakeServer(entry('2.9.99'), '2.9.99');
    const broken = await fakeServer(entry('2.99.0'), '2.99.0');
    await chmod(broken, 0o644);
    expect(await cachedBinary(temp.path)).toEqual({ path: entry('2.10.30'), version: '2.10.30' });
  });

  test('two that fetch at once both have it, and leave one', async () => {
    await using temp = await tempDir();
    const both = [1, 2].map(() => keepInCache(temp.path, (folder) => fakeServer(join(folder, 'x', 'nats-server'), '2.11.0')));
    const [a, b] = await Promise.all(both);
    expect(a).toEqual(b);
    expect(await readdir(temp.path)).toEqual([`nats-server-2.11.0-${process.platform}-${process.arch}`]);
  });

  test('what is too old is not kept', async () => {
    await using temp = await tempDir();
    expect(await keepInCache(temp.path, (folder) => fakeServer(join(folder, 'nats-server'), '2.9.10'))).toBeUndefined();
    expect(await readdir(temp.path)).toEqual([]);
  });
});

describe.skipIf(process.platform === 'win32')('the official release', () => {
  async function served(folder: string): Promise<{ release: Release; from: string } & AsyncDisposable> {
    const name = 'nats-server-v2.15.0-linux-amd64';
    await fakeServer(join(folder, name, 'nats-server'), '2.15.0');
    execFileSync('tar', ['-czf', 'archive', name], { cwd: folder });
    const bytes = await readFile(join(folder, 'archive'));
    const server = createServer((request, response) => {
      response.statusCode = request.url === `/v2.15.0/${name}.tar.gz` ? 200 : 404;
      response.end(bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    return {
      release: { version: '2.15.0', name, archive: `${name}.tar.gz`, sha256: sha256(bytes) },
      from: `http://127.0.0.1:${port}`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      },
    };
  }

  test('is unpacked when its hash is right', async () => {
    await using temp = await tempDir();
    await using source = await served(temp.path);
    const path = await fetchRelease(source.release, join(temp.path, 'to'), source);
    expect(execFileSync(path, ['--version'], { encoding: 'utf8' })).toContain('2.15.0');
  });

  test('comes through the proxy of the environment', async () => {
    await using temp = await tempDir();
    await using source = await served(temp.path);
    await using proxy = await connectProxy();
    vi.stubEnv('http_proxy', proxy.url);
    vi.stubEnv('no_proxy', '');
    await fetchRelease(source.release, join(temp.path, 'to'), source);
    expect(proxy.asked).toEqual([`CONNECT ${new URL(source.from).host}`]);
  });

  test('is refused, and not unpacked, when its hash is wrong', async () => {
    await using temp = await tempDir();
    await using source = await served(temp.path);
    const other = { ...source.release, sha256: sha256('another') };
    await expect(fetchRelease(other, join(temp.path, 'to'), source)).rejects.toThrow(sha256('another'));
    expect(existsSync(join(temp.path, 'to'))).toBe(false);
  });

  test('that is not there is said', async () => {
    await using temp = await tempDir();
    await using source = await served(temp.path);
    await expect(fetchRelease({ ...source.release, version: '9.9.9' }, temp.path, source)).rejects.toThrow('404');
  });
});

describe.skipIf(!existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg-deb'))("the platform's package", () => {
  /** A Debian archive with one package in it, as a folder. */
  async function archive(folder: string): Promise<string> {
    const arch = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
    const tree = join(folder, 'tree');
    await fakeServer(join(tree, 'usr', 'sbin', 'nats-server'), '2.15.1');
    await mkdir(join(tree, 'DEBIAN'));
    const control = `Package: nats-server\nVersion: 2.15.1-1\nArchitecture: ${arch}\nMaintainer: Nobody <nobody@example.org>\nDescription: test\n`;
    await writeFile(join(tree, 'DEBIAN', 'control'), control);
    const pool = join(folder, 'debian', 'pool');
    await mkdir(pool, { recursive: true });
    execFileSync('dpkg-deb', ['--root-owner-group', '-b', tree, join(pool, 'nats-server.deb')], { stdio: 'ignore' });
    const deb = await readFile(join(pool, 'nats-server.deb'));
    const packages = `${control}Filename: pool/nats-server.deb\nSize: ${deb.length}\nSHA256: ${sha256(deb)}\n\n`;
    const index = join('main', `binary-${arch}`, 'Packages');
    const suite = join(folder, 'debian', 'dists', 'testing');
    await mkdir(join(suite, index, '..'), { recursive: true });
    await writeFile(join(suite, index), packages);
    await writeFile(
      join(suite, 'Release'),
      `Suite: testing\nCodename: next\nDate: ${new Date().toUTCString()}\nArchitectures: ${arch}\nComponents: main\nSHA256:\n ${sha256(packages)} ${packages.length} ${index}\n`,
    );
    return join(folder, 'debian');
  }

  test("is fetched by apt with lists and cache of its own, and without the machine's hooks", async () => {
    await using temp = await tempDir();
    const [source] = parseDeb822(`Types: deb\nURIs: file:${await archive(temp.path)}\nSuites: bookworm\nComponents: main\nTrusted: yes\n`);
    const hooked = join(temp.path, 'hooked');
    const hooks = ['APT::Update::Pre-Invoke', 'APT::Update::Post-Invoke', 'APT::Update::Post-Invoke-Success', 'DPkg::Post-Invoke'];
    await writeFile(join(temp.path, 'machine.conf'), hooks.map((hook) => `${hook} { "touch ${hooked}"; };\n`).join(''));
    vi.stubEnv('APT_CONFIG', join(temp.path, 'machine.conf'));
    const lists = await readdir('/var/lib/apt/lists');
    const program = await fetchPackage(source!, 'testing', join(temp.path, 'to'));
    expect(execFileSync(program, ['--version'], { encoding: 'utf8' })).toContain('2.15.1');
    expect(await readdir('/var/lib/apt/lists')).toEqual(lists);
    await expect(access(hooked)).rejects.toThrow();
  });

  test('a suite that the mirror does not have is said', async () => {
    await using temp = await tempDir();
    const [source] = parseDeb822(`Types: deb\nURIs: file:${await archive(temp.path)}\nSuites: bookworm\nComponents: main\nTrusted: yes\n`);
    await expect(fetchPackage(source!, 'devel', join(temp.path, 'to'))).rejects.toMatchObject({ code: 'broker_missing' });
  });
});
