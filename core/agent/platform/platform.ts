import type { Shell } from '#core/contract/command.ts';
import type { Hardware } from '#core/contract/enrolment.ts';

/** Where a shell lies, or why it cannot be used here. */
export type ShellPlace = { path: string } | { missing: string } | { unsupported: string };

/** The processes of one script: what started from `pid` (when that is known to be ours) and what carries the marker. */
export interface ProcessTree {
  pid?: number;
  /** The result id: value of KANADE_RESULT_ID in the environment, and part of the command line. */
  marker: string;
  /** Start time by pid of all that was ever seen to belong to it: a child keeps belonging when its parent dies. */
  seen: Map<number, number>;
}

export function processTree(marker: string, pid?: number): ProcessTree {
  return { pid, marker, seen: new Map() };
}

/** Everything the agent asks of the operating system that Node does not give on every platform alike. */
export interface Platform {
  readonly kind: 'windows' | 'posix';
  readonly hostname: string;
  /** Name and version, as an admin would say it. */
  readonly os: string;
  /** IANA name. */
  readonly tz: string;
  /** kanade-host, where there is one: it runs scripts, each in a job of its own, and as the users who are logged on. */
  readonly host?: string;
  /** Absolute path of a shell. */
  shell(shell: Shell): Promise<ShellPlace>;
  /** Arguments that set the execution policy of a PowerShell without circumventing one that the admins set. */
  executionPolicyArgs(shell: Shell, path: string): Promise<string[]>;
  /** What console programs write when it is not UTF-8: a label for `decodeOutput`. */
  consoleEncoding(): Promise<string>;
  /**
   * Identifies a process together with its pid, across reboots too; undefined when there is none or it cannot be told.
   * On Windows that takes a PowerShell.
   */
  startOf(pid: number): Promise<string | undefined>;
  /** Asks every process of the tree to end (`force` false) or ends it. */
  endTree(tree: ProcessTree, force: boolean): Promise<void>;
  /** How many processes of the tree are left. */
  alive(tree: ProcessTree): Promise<number>;
  /** Whether the network costs by what is used; undefined where nobody can tell. */
  metered(): Promise<boolean | undefined>;
  /** What tells this PC from a copy of its disk. */
  hardware(): Promise<Hardware>;
  /** Encrypted so that only this account on this system can read it, where the system does such things: else as it is. */
  protect(bytes: Uint8Array): Promise<Uint8Array>;
  /** Undefined when it was encrypted elsewhere. */
  unprotect(bytes: Uint8Array): Promise<Uint8Array | undefined>;
}
