import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { ROOT } from '../pack/root.ts';

/** What the module does for `New-KanadeIntunePackage`: there is one that writes them. */
const SCRIPT = `
$ErrorActionPreference = 'Stop'
Import-Module -Name $env:KANADE_PACK_MODULE
& (Get-Module -Name Kanade) {
    Write-KanadeIntuneWin -SetupFile $env:KANADE_PACK_MSI -Property (Get-KanadeMsiProperty -Path $env:KANADE_PACK_MSI) -Path $env:KANADE_PACK_TO
}`;

/** Wraps a package of Windows Installer as Intune takes apps. The same package gives the same bytes. */
export async function buildIntuneWin(msi: string, to: string): Promise<void> {
  const env = { ...process.env, KANADE_PACK_MODULE: join(ROOT, 'Kanade.psd1'), KANADE_PACK_MSI: msi, KANADE_PACK_TO: to };
  const { code, stderr } = await runCommand('pwsh', ['-NoProfile', '-NonInteractive', '-Command', SCRIPT], { env, cwd: ROOT });
  if (code !== 0 || stderr.trim() !== '') throw new Error(`the .intunewin of ${msi} failed (${code ?? 'killed'}): ${stderr}`);
}
