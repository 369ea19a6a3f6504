import { array, enums, type Infer, nullable, optional, string, type } from 'superstruct';
import { ExitCode, RUN_AS, SESSIONS, SHELLS } from './command.ts';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** A job as the reference's manifest has it (reference-system 2.1), the part this product acts on. */
export const Manifest = type({
  id: Id,
  version: string(),
  description: optional(string()),
  tags: optional(array(string())),
  /** What its script writes is JSON, and becomes this section of each PC's inventory. */
  inventory_section: optional(string()),
  execute: type({
    shell: enums(SHELLS),
    script: optional(string()),
    /** In place of `script` when that is long: the body lies in `blobs`. */
    script_sha256: optional(string()),
    timeout: string(),
    run_as: optional(enums(RUN_AS)),
    sessions: optional(enums(SESSIONS)),
    cwd: optional(string()),
    success_exit_codes: optional(array(ExitCode)),
  }),
  staleness: optional(type({ mode: enums(['cached', 'strict', 'unchecked']), max_cache_age: optional(string()) })),
});
export type Manifest = Infer<typeof Manifest>;

/** `jobs` bucket. `source` is the operator's own YAML, so that comments survive; null when it came as JSON or is over 64 KiB. */
export const StoredJob = type({ manifest: Manifest, source: nullable(string()), updated_at: Instant, updated_by: string() });
export type StoredJob = Infer<typeof StoredJob>;
