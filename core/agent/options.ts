import type { Log } from '#core/contract/log.ts';
import type { EventWriter } from '#core/process/event-log.ts';
import type { ReleaseSource } from '#core/release/release-source.ts';
import type { FolderOptions } from './folder.ts';
import type { IdentityOptions } from './identity/identity.ts';
import type { InventoryOptions } from './inventory/collector.ts';
import type { LedgerStore } from './ledger/ledger-store.ts';
import type { LinkOptions } from './link.ts';
import type { LiveSettings } from './live-settings.ts';
import type { OutboxStore } from './outbox/outbox-store.ts';
import type { Platform } from './platform/platform.ts';
import type { PcFactsWatch } from './report/pc-facts-watch.ts';
import type { RunningScript, ScriptRequest } from './run/script.ts';
import type { Step } from './steps.ts';
import type { TrustOptions } from './trust.ts';
import type { Health } from './update/health.ts';
import type { TakeRelease } from './update/take-release.ts';
import type { Host } from './update/updates.ts';

export interface AgentOptions {
  pcId: string;
  /** The agent's own folder: ledger, outbox, run, clock. */
  dataDir: string;
  /** What may change while it runs; what is said here besides is for tests, which bend it. */
  settings?: LiveSettings;
  /** nats:// or tls:// URLs, separated by commas; default: what the settings say, or what the PC was told when it got its identity. */
  nats?: string;
  /** How this PC gets its identity and where it keeps it; undefined in open mode. */
  identity?: Pick<IdentityOptions, 'store' | 'server' | 'token' | 'forgetToken' | 'connect'>;
  /** PEM of the only CA to believe, server and broker, looked at each time; undefined = what the PC was told, or whom this machine trusts. */
  ca?: () => string | undefined;
  version: string;
  platform: Platform;
  log: Log;
  logs: (maxBytes: number) => Promise<{ text: string; truncated: boolean }>;
  signal: AbortSignal;
  /** Wall clock, monotonic clock (milliseconds) and chance, so that tests can bend them. */
  wall?: () => number;
  mono?: () => number;
  random?: () => number;
  ledgerLimits?: FolderOptions['ledgerLimits'];
  /** What a simulated PC has in place of a disk, and of the shells. */
  stores?: { ledger: LedgerStore; outbox: OutboxStore };
  start?: (request: ScriptRequest) => Promise<RunningScript>;
  /** Without it this PC has no inventory but what scripts write. */
  inventory?: InventoryOptions;
  /** What the heartbeat says of the PC itself; without it that says nothing of it. */
  pcFacts?: PcFactsWatch;
  /** Without it this agent is updated by whatever installed it. */
  updates?: UpdateOptions;
  step?: Step;
  /** Writes down on this PC what its admins should find there. */
  writeEvent?: EventWriter;
  reconnectDelay?: () => number;
  /** Whom this PC obeys; default: whom its identity names. Without either, in open mode, everybody who reaches the broker. */
  trust?: TrustOptions;
  /** A setting of this PC: commands as the seeds send them are run although nobody has signed them. */
  allowUnsigned?: boolean;
  /** Told when the folder is open, with all that is in it: from then on it does its work as far as it can. */
  onOpen?: () => void;
  /** Told how it is whenever that changes. */
  onHealth?: (health: Health) => void;
  /** Told when it is connected: as which PC. */
  onReady?: (pcId: string) => void;
}

/** How this agent becomes another version of itself. */
export interface UpdateOptions extends Pick<TakeRelease, 'keys' | 'platform' | 'versionsFolder' | 'runningFolder'> {
  host: Host;
  /** `urls`: of the API, the nearest first; `ca`: PEM of whom to believe there, undefined = whom this machine trusts. */
  source: (at: { urls: readonly string[]; ca: string | undefined }) => ReleaseSource;
  /** A setting of this PC: fetch also where the network costs by what is used. */
  onMetered: () => boolean;
}

/** With what tests leave out. */
export type Whole = AgentOptions & Required<Pick<AgentOptions, 'wall' | 'mono' | 'random' | 'step' | 'writeEvent'>>;

/** What is known of this PC once it is one. */
export type Known = Whole & LinkOptions & { apis: () => { urls: readonly string[]; ca: string | undefined } };
