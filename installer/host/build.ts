import { readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';

import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';

const HERE = import.meta.dirname;
const TRIPLE = 'x86_64-w64-mingw32';

/** What each compilation is made with. No time stamp, no path of this machine: the same sources give the same bytes. */
export const COMPILE = [
  '-std=c17',
  '-municode',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wshadow',
  '-Wconversion',
  '-Wformat=2',
  '-Wno-sign-conversion',
  '-Wno-cast-function-type',
  '-D_FORTIFY_SOURCE=2',
  '-fstack-protector-strong',
  '-fno-ident',
  `-ffile-prefix-map=${HERE}=.`,
];
export const LINK = [
  '-municode',
  '-static',
  '-fstack-protector-strong',
  '-s',
  '-Wl,--no-insert-timestamp',
  '-Wl,--dynamicbase',
  '-Wl,--high-entropy-va',
  '-Wl,--nxcompat',
];
const HEADER = 'windows-api.h';
/** What a build leaves in its folder and nobody needs afterwards. */
export const PRECOMPILED = `${HEADER}.gch`;
const LIBRARIES = ['-ladvapi32'];

/** The range in message.h: each id has the text that whoever reports it gives. */
const EVENT_FIRST = 1000;
const EVENT_LAST = 1099;

export interface HostBuild {
  /** `1.2.3`. */
  version: string;
  /** A folder of the caller's, for the program and what it is made of. */
  folder: string;
}

/** Compiles kanade-host.exe and gives its path. Needs mingw-w64 (gcc, windres, windmc); any warning fails it. */
export async function buildHost(build: HostBuild): Promise<string> {
  const out = join(build.folder, 'kanade-host.exe');
  await link(await compileHost(build), out);
  await rm(join(build.folder, PRECOMPILED));
  return out;
}

/** The objects that it is made of, by the name of their source. */
export async function compileHost({ version, folder }: HostBuild): Promise<Map<string, string>> {
  const names = (await hostSources()).filter((name) => name.endsWith('.c'));
  const objects = new Map(names.map((name) => [name, join(folder, `${name}.o`)]));
  const waiting = [...objects];
  await compileHeader(folder);
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await compile(join(HERE, next[0]), next[1], folder);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return objects.set('resources', await compileResources(version, folder));
}

/** `folder`: that of the build. */
export function compile(source: string, object: string, folder: string): Promise<void> {
  return tool('gcc', [...COMPILE, '-I', HERE, '-include', join(folder, HEADER), '-c', '-o', object, source]);
}

/** The headers of Windows are most of the work of each compilation: they are read once. */
function compileHeader(folder: string): Promise<void> {
  return tool('gcc', [...COMPILE, '-x', 'c-header', '-o', join(folder, PRECOMPILED), join(HERE, HEADER)]);
}

export function link(objects: ReadonlyMap<string, string>, out: string, more: readonly string[] = []): Promise<void> {
  return tool('gcc', [...LINK, ...more, '-o', out, ...objects.values(), ...LIBRARIES]);
}

/** The names of the files that it is made from, in an order that does not depend on the machine. */
export async function hostSources(): Promise<string[]> {
  return (await readdir(HERE)).filter((name) => /\.(?:c|h|rc|manifest)$/.test(name)).sort();
}

async function compileResources(version: string, folder: string): Promise<string> {
  const messages = join(folder, 'events.mc');
  const object = join(folder, 'resources.o');
  await writeFile(messages, eventTexts());
  await tool('windmc', ['-h', folder, '-r', folder, messages]);
  const numbers = `${version.split('.').join(',')},0`;
  const defines = ['-D', `VERSION=${version}`, '-D', `VERSION_NUMBERS=${numbers}`];
  await tool('windres', ['-c', '65001', ...defines, '-I', HERE, '-I', folder, '-i', join(HERE, 'host.rc'), '-o', object]);
  await Promise.all(['events.mc', 'events.rc', 'events.h', 'MSG00409.bin'].map((name) => rm(join(folder, name), { force: true })));
  return object;
}

function eventTexts(): string {
  const head = 'MessageIdTypedef=DWORD\nSeverityNames=(Success=0x0)\nFacilityNames=(None=0x0)\nLanguageNames=(English=0x409:MSG00409)\n';
  const ids = Array.from({ length: EVENT_LAST - EVENT_FIRST + 1 }, (_, i) => EVENT_FIRST + i);
  return head + ids.map((id) => `MessageId=${id}\nSymbolicName=KANADE_${id}\nLanguage=English\n%1\n.\n`).join('');
}

async function tool(name: string, args: readonly string[]): Promise<void> {
  // The linker makes its temporary names and stamps from nothing but these.
  const env = { ...process.env, LC_ALL: 'C', SOURCE_DATE_EPOCH: '0' };
  const { code, stdout, stderr } = await runCommand(`${TRIPLE}-${name}`, args, { env });
  if (code !== 0 || stderr.trim() !== '') throw new Error(`${TRIPLE}-${name} failed (${code ?? 'killed'}):\n${stdout}${stderr}`);
}
