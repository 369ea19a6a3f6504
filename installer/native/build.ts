import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';

const PROJECT = join(import.meta.dirname, 'Kanade.Native.csproj');

export interface NativeBuild {
  /** `1.2.3`. */
  version: string;
  /** `net472` is what PCs get. */
  framework: 'net472' | 'net10.0';
  /** A folder of the caller's, for the library and what it is made of. */
  folder: string;
}

/** Compiles Kanade.Native.dll and gives its path. Needs the SDK of .NET 10; any warning fails it. */
export async function buildNative({ version, framework, folder }: NativeBuild): Promise<string> {
  const out = join(folder, 'out');
  const properties = {
    Version: version,
    // Nothing is written beside the sources, and what somebody else has put there is not read.
    BaseIntermediateOutputPath: `${join(folder, 'obj')}/`,
    RestoreLockedMode: 'true',
    // Neither leaves a process behind that waits for the next build.
    UseSharedCompilation: 'false',
  };
  const set = Object.entries(properties).map(([name, value]) => `-p:${name}=${value}`);
  const args = ['build', PROJECT, '-c', 'Release', '-f', framework, '-o', out, '--nologo', '-v', 'quiet', '-nodeReuse:false', ...set];
  const env = { ...process.env, DOTNET_CLI_TELEMETRY_OPTOUT: '1', DOTNET_NOLOGO: '1', MSBUILDDISABLENODEREUSE: '1', LC_ALL: 'C.UTF-8' };
  const { code, stdout, stderr } = await runCommand('dotnet', args, { env });
  if (code !== 0) throw new Error(`dotnet build failed (${code ?? 'killed'}):\n${stdout}${stderr}`);
  return join(out, 'Kanade.Native.dll');
}
