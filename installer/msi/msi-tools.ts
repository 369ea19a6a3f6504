import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '#core/process/run-command.ts';
import { formatTable, parseTable, type Table } from './table.ts';

/** wixl, msibuild or msiinfo. What they only warn of is an error, too: their exit codes say nothing of it. */
export async function msiTool(name: 'wixl' | 'msibuild' | 'msiinfo', args: readonly string[], cwd: string): Promise<string> {
  // A cabinet holds local times, and names in the order of the locale.
  const { code, stdout, stderr } = await runCommand(name, args, { cwd, env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
  if (code !== 0 || stderr.trim() !== '') throw new Error(`${name} ${args[0]} failed (${code ?? 'killed'}): ${stderr.trim()}`);
  return stdout;
}

/** All tables of a package, by their names. */
export async function readTables(msi: string, cwd: string): Promise<Map<string, Table>> {
  const names = (await msiTool('msiinfo', ['tables', msi], cwd)).split(/\r?\n/).map((name) => name.trim());
  const tables = new Map<string, Table>();
  for (const name of names) {
    // It tells the code page, and is no table.
    if (name === '' || name === '_ForceCodepage') continue;
    tables.set(name, parseTable(await msiTool('msiinfo', ['export', msi, name], cwd)));
  }
  return tables;
}

/** Puts whole tables into a package, in place of those that it has. */
export async function writeTables(msi: string, tables: readonly Table[], cwd: string): Promise<void> {
  for (const table of tables) {
    const file = `${table.name}.idt`;
    await writeFile(join(cwd, file), formatTable(table));
    await msiTool('msibuild', [msi, '-i', file], cwd);
  }
}
