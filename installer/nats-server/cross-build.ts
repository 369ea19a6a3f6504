import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fetchPackages, type OpenSuite, openSuite, runApt } from '#backend/broker/apt-fetch.ts';
import type { AptSource } from '#backend/broker/apt-sources.ts';
import { runCommand } from '#core/process/run-command.ts';
import type { NatsServerExe } from './nats-server-exe.ts';

/** Where Debian has a nats-server that is new enough, and the Go that it is made with. */
const SUITE = 'testing';

/** Sources of nats-server, and of all that it is made of on Windows. */
const SOURCES = [
  'golang-github-nats-io-nats-server-dev',
  'golang-github-antithesishq-antithesis-sdk-go-dev',
  'golang-github-google-go-tpm-dev',
  'golang-github-klauspost-compress-dev',
  'golang-github-minio-highwayhash-dev',
  'golang-github-nats-io-jwt-dev',
  'golang-github-nats-io-nkeys-dev',
  'golang-github-nats-io-nuid-dev',
  'golang-golang-x-crypto-dev',
  'golang-golang-x-sys-dev',
  'golang-golang-x-time-dev',
];

const EXE = 'nats-server.exe';

/**
 * nats-server for Windows, compiled from Debian's sources with Debian's Go, of which nothing is installed. It takes a minute or two and
 * is kept in `cache`. What it is made of is what Debian's testing has at that time: packages for others have the official release.
 */
export async function crossBuilt(source: AptSource, cache: string, say: (line: string) => void): Promise<NatsServerExe> {
  const recipe = createHash('sha256').update(await readFile(import.meta.filename));
  const kept = join(cache, 'nats-server-windows', recipe.digest('hex').slice(0, 24));
  if (!existsSync(kept)) {
    say(`nats-server.exe from the sources of Debian ${SUITE}`);
    await make(source, kept);
  }
  const [bytes, about] = await Promise.all([readFile(join(kept, EXE)), readFile(join(kept, 'about.json'), 'utf8')]);
  return { bytes, ...(JSON.parse(about) as { version: string; licence: string }) };
}

async function make(source: AptSource, kept: string): Promise<void> {
  await mkdir(join(kept, '..'), { recursive: true });
  const folder = await mkdtemp(`${kept}.`);
  try {
    const open = await openSuite(source, SUITE, folder);
    const go = await goVersion(open);
    const root = await fetchPackages(open, [`${go}-go`, `${go}-src`, ...SOURCES], join(folder, 'unpacked'));
    const ready = join(folder, 'ready');
    await mkdir(ready);
    await compile(join(root, 'usr/lib', go.replace('golang', 'go')), join(root, 'usr/share/gocode'), folder, join(ready, EXE));
    const licence = await readFile(join(root, 'usr/share/doc', SOURCES[0]!, 'copyright'), 'utf8');
    await writeFile(join(ready, 'about.json'), JSON.stringify({ version: await versionOf(open), licence: licence.trim() }));
    await rename(ready, kept);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(kept)) throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** `golang-1.27`. */
async function goVersion(open: OpenSuite): Promise<string> {
  const found = /^Depends:.*\b(golang-\d+\.\d+)-go\b/m.exec(await runApt(open, 'apt-cache', ['show', 'golang-go']))?.[1];
  if (found === undefined) throw new Error(`golang-go of suite ${open.suite} does not say which Go it is`);
  return found;
}

async function versionOf(open: OpenSuite): Promise<string> {
  return /^Version: (\S+?)(?:-[^-\s]*)?$/m.exec(await runApt(open, 'apt-cache', ['show', SOURCES[0]!]))?.[1] ?? 'unknown';
}

/** In the way of Debian: all of GOPATH is sources, and nothing is fetched. */
async function compile(goroot: string, gopath: string, work: string, out: string): Promise<void> {
  const env = {
    PATH: process.env.PATH,
    HOME: work,
    GOROOT: goroot,
    GOPATH: gopath,
    GO111MODULE: 'off',
    GOTOOLCHAIN: 'local',
    GOPROXY: 'off',
    GOTELEMETRY: 'off',
    GOCACHE: join(work, 'cache'),
    GOOS: 'windows',
    GOARCH: 'amd64',
    CGO_ENABLED: '0',
  };
  const args = ['build', '-trimpath', '-ldflags', '-s -w -buildid=', '-o', out, 'github.com/nats-io/nats-server'];
  const { code, stderr } = await runCommand(join(goroot, 'bin/go'), args, { cwd: work, env });
  if (code !== 0) throw new Error(`go build of nats-server failed (${code ?? 'killed'}): ${stderr.trim()}`);
}
