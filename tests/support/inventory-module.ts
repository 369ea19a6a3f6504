import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MODULE = `
function Get-KanadeInventorySupport {
    $names = @(Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot 'answers') | ForEach-Object { '"' + $_.BaseName + '"' })
    '[' + ($names -join ',') + ']'
}
function Get-KanadeInventoryMessage {
    param([string]$Section, [int]$TimeoutSec)
    & (Join-Path $PSScriptRoot "answers/$Section.ps1")
}
Export-ModuleMember
`;

/** A script that writes the message there ought to be: one line, and all that is not ASCII escaped. */
export function answer(section: string, data: unknown, more: object = {}): string {
  const message = { section, collected_at: '2026-11-21T10:00:00Z', data, faults: [], working_set: 100_000_000, ...more };
  const ascii = JSON.stringify(message).replace(/[^\x20-\x7e]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `'${ascii.replaceAll("'", "''")}'`;
}

/** A PowerShell module in place of ours, whose sections say and do what a test wants; it may change its mind at any time. */
export class InventoryModule {
  /** Its absolute path, as the agent imports it. */
  readonly path: string;
  readonly #dir: string;

  private constructor(dir: string) {
    this.#dir = dir;
    this.path = join(dir, 'Kanade.psd1');
  }

  static async create(dir: string): Promise<InventoryModule> {
    const module = new InventoryModule(dir);
    await mkdir(join(dir, 'answers'), { recursive: true });
    await writeFile(module.path, "@{ RootModule = 'Kanade.psm1'; ModuleVersion = '1.0.0' }");
    await writeFile(join(dir, 'Kanade.psm1'), MODULE);
    return module;
  }

  /** The section is read from now on, and answers with the message there ought to be. */
  async says(section: string, data: unknown, more: object = {}): Promise<void> {
    await this.does(section, answer(section, data, more));
  }

  /** The same, with a script in place of an answer. */
  async does(section: string, script: string): Promise<void> {
    await writeFile(join(this.#dir, 'answers', `${section}.ps1`), script);
  }

  /** This PC does not have the section any more. */
  async lacks(section: string): Promise<void> {
    await rm(join(this.#dir, 'answers', `${section}.ps1`));
  }
}
