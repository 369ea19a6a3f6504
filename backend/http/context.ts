import type { Durables } from '../agents/durables.ts';
import type { EnrolmentParts } from '../enrolment/context.ts';
import type { ExecContext } from '../exec/context.ts';
import type { Catalogue } from '../inventory/catalogue.ts';
import type { DynamicGroups } from '../inventory/dynamic-groups.ts';
import type { Slices } from '../inventory/slices.ts';
import type { JoiningParts } from '../joining/context.ts';
import type { Projection } from '../projectors/projection.ts';
import type { Downloads } from '../releases/downloads.ts';
import type { FileStore } from '../releases/file-store.ts';
import type { Releases } from '../releases/releases.ts';
import type { RolloutMirror } from '../rollouts/rollout-note.ts';
import type { Schedules } from '../scheduler/schedules.ts';
import type { KeysContext } from '../seal/follow-keys.ts';
import type { Forgeries } from '../seal/forgeries.ts';
import type { Certificates } from '../tls/certificates.ts';
import type { FillReader } from './fill.ts';
import type { Metrics } from './metrics.ts';
import type { Tokens } from './tokens.ts';

/** The parts of the backend that HTTP needs, as `backend.ts` has put them together. */
export interface HttpParts extends ExecContext {
  /** Undefined in open mode. */
  commandKeys?: KeysContext | undefined;
  forgeries?: Pick<Forgeries, 'counts'> | undefined;
  schedules: Schedules;
  rollouts: RolloutMirror;
  durables: Durables;
  slices: Slices;
  catalogue: Catalogue;
  dynamicGroups: DynamicGroups;
  projection: Pick<Projection, 'passed' | 'onCommit' | 'status' | 'retryDeadLetter'>;
  /** Undefined in open mode. */
  enrolment: EnrolmentParts | undefined;
  releases: Releases;
  releaseFiles: FileStore;
  downloads: Downloads;
  /** The list of those whose releases are taken (core/release/release-keys.ts). */
  releaseKeysFile: string;
  /** Undefined in open mode. */
  joining: JoiningParts | undefined;
  tokens: Pick<Tokens, 'ready' | 'find'>;
  /** PEM of the CAs that API and broker are checked against; undefined without TLS, and where every machine trusts them. */
  ca: () => string | undefined;
  certificates: Pick<Certificates, 'all' | 'warnings'>;
  /** The one among them that is to be believed by somebody who is told of one: the one whose certificate this API shows. */
  shownCa: () => string | undefined;
  /** Without identities. */
  open: boolean;
  /** The backend's data folder: its disk is what /readyz looks at. */
  dataDir: string;
}

/** What the handlers work with. */
export interface HttpContext extends HttpParts {
  fill: FillReader;
  metrics: Metrics;
}
