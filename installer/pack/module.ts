import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { filesIn, type PackFile } from './files.ts';
import { ROOT } from './root.ts';
import type { Sign } from './sign.ts';

/** The PowerShell module as build.ps1 packs it, signed: its files, and its zip for a gallery. `work` is a folder of the caller's. */
export async function packModule(version: string, sign: Sign, work: string): Promise<{ files: PackFile[]; zip: PackFile }> {
  await build('Module', work);
  const folder = join(work, 'Kanade', version);
  const files = await Promise.all((await filesIn(folder)).map(sign));
  for (const { name, bytes } of files) await writeFile(join(folder, name), bytes);
  await build('Zip', work);
  const name = `Kanade-${version}.zip`;
  return { files, zip: { name, bytes: await readFile(join(work, name)) } };
}

async function build(task: string, destination: string): Promise<void> {
  const args = ['-NoProfile', '-NonInteractive', '-File', join(ROOT, 'build.ps1'), task, '-Destination', destination];
  const { code, stdout, stderr } = await runCommand('pwsh', args, { cwd: ROOT });
  if (code !== 0) throw new Error(`build.ps1 ${task} failed (${code ?? 'killed'}):\n${stdout}${stderr}`);
}
