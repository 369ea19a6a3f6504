import type { ProcessRow } from './tree-of.ts';

/**
 * Prints a line `pid ppid start marked` for each process; a script's processes are found by the run folder in their
 * command line. Cmdlets and core types only, so that Constrained Language Mode runs it too.
 */
export const LIST_PROCESSES = [
  'Get-CimInstance -ClassName Win32_Process | Where-Object { $_.CreationDate } | ForEach-Object {',
  "'{0} {1} {2} {3}' -f $_.ProcessId, $_.ParentProcessId, [long]($_.CreationDate.ToFileTimeUtc() / 10000),",
  '[int]("$($_.CommandLine)".Contains($env:KANADE_MARKER)) }',
].join(' ');

export function parseProcesses(text: string): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const [, pid, ppid, start, marked] of text.matchAll(/^(\d+) (\d+) (\d+) ([01])\r?$/gm)) {
    rows.push({ pid: Number(pid), ppid: Number(ppid), start: Number(start), marked: marked === '1' });
  }
  return rows;
}

/** The values of one name in what `reg.exe query` prints: `    Name    REG_SZ    value`. */
export function parseRegistryValues(text: string, name: string): string[] {
  const values: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    const [, found, value] = /^ {4}(.+?) {4}REG_\w+ {4}(.*)$/.exec(line) ?? [];
    if (found?.toLowerCase() === name.toLowerCase() && value) values.push(value.trim());
  }
  return values;
}

/** Prints what the network to the internet costs, as Windows says it. */
export const READ_COST = [
  '[void][Windows.Networking.Connectivity.NetworkInformation, Windows, ContentType = WindowsRuntime];',
  '[Windows.Networking.Connectivity.NetworkInformation]::GetInternetConnectionProfile().GetConnectionCost().NetworkCostType',
].join(' ');

/** Undefined when it says nothing that is known. */
export function isMetered(text: string): boolean | undefined {
  const cost = text.trim();
  if (cost === 'Fixed' || cost === 'Variable') return true;
  return cost === 'Unrestricted' ? false : undefined;
}

export function isPolicySet(policy: unknown): boolean {
  return typeof policy === 'string' && policy !== '' && policy.toLowerCase() !== 'undefined';
}

/** Code pages that have a name of their own in the Encoding Standard. */
const NAMED: Record<string, string> = {
  866: 'ibm866',
  874: 'windows-874',
  932: 'shift_jis',
  936: 'gbk',
  949: 'euc-kr',
  950: 'big5',
  54936: 'gb18030',
  65001: 'utf-8',
};

/** A label for `decodeOutput` from the number of a Windows code page. */
export function codePageLabel(page: string | undefined): string {
  if (page === undefined) return 'utf-8';
  return NAMED[page] ?? (/^125[0-8]$/.test(page) ? `windows-${page}` : `cp${page}`);
}
