import { PowershellSource } from '#core/agent/inventory/powershell-source.ts';
import { currentPlatform } from '#core/agent/platform/current.ts';
import type { InventoryRow, Section } from '#core/contract/inventory.ts';
import { quietLog } from '../quiet-log.ts';

/** Says the pid of the PowerShell that answers, and then asks it for a section, if one is named. */
const [module = '', runDir = '', section] = process.argv.slice(2);
const source = new PowershellSource({ platform: currentPlatform(), runDir, module, mono: () => performance.now(), log: quietLog });
const { signal } = new AbortController();
const reading = await source.read('bios', signal);
process.send!(String('data' in reading && (reading.data as InventoryRow).pid));
if (section) {
  void source.read(section as Section, signal);
  process.send!('asked');
}
setInterval(() => {}, 60_000);
