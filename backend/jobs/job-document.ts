import { array, type Infer, object, optional, refine, size, string } from 'superstruct';
import { AD_HOC, RUN_AS, SESSIONS } from '#core/contract/command.ts';
import { type Fault, KanadeError } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { isCustomSection, SECTIONS } from '#core/contract/inventory.ts';
import { SCRIPT_MAX, TIMEOUT_MAX } from '#core/contract/streams.ts';
import { annotate, noted } from '../schema/json-schema.ts';
import { duration, ExitCodes, ScriptText, SectionName, ShellName, text, word } from '../schema/structs.ts';

/**
 * A job as an operator writes it, fields as the reference's manifest has them. Strict: a misspelt field is refused, not
 * ignored. The bodies of scripts that the server would have to find are taken by the PowerShell module, not here.
 */
const Execute = object({
  shell: ShellName,
  script: optional(ScriptText),
  script_file: optional(string()),
  timeout: duration(1, TIMEOUT_MAX),
  run_as: optional(word(RUN_AS)),
  sessions: optional(word(SESSIONS)),
  cwd: optional(text(1, 1024)),
  success_exit_codes: optional(ExitCodes),
});

const Staleness = object({ mode: word(['cached', 'strict', 'unchecked']), max_cache_age: optional(duration(0, TIMEOUT_MAX)) });

const TAG = { type: 'string', minLength: 1, maxLength: 64 };

/** What may come behind `/inventory/` without being a section. */
const TAKEN = ['search', 'sections'];

const CustomSection = noted(
  refine(
    SectionName,
    'NotTaken',
    (name) => (isCustomSection(name) && !TAKEN.includes(name)) || `${name} is not for jobs to fill: choose another name`,
  ),
  {
    not: { enum: [...SECTIONS, ...TAKEN] },
    description: 'What the script writes is JSON, and becomes this section of the inventory of each PC.',
  },
);

export const JobDocument = object({
  id: refine(Id, 'NotReserved', (id) => id !== AD_HOC || `${AD_HOC} is what commands without a job are called`),
  version: text(1, 128),
  description: optional(text(0, 10_000)),
  tags: optional(annotate(size(array(text(1, 64)), 0, 64), { type: 'array', items: TAG, maxItems: 64 })),
  inventory_section: optional(CustomSection),
  execute: Execute,
  staleness: optional(Staleness),
});
export type JobDocument = Infer<typeof JobDocument>;

/**
 * What the struct alone cannot say. The UTF-8 of the script as it came, byte for byte. Rejects with
 * `script_file_not_inlined`, `script_too_large`, or `invalid_body` with every fault.
 */
export function checkJob(document: JobDocument, pathId: string): Uint8Array {
  const { execute, staleness } = document;
  const faults: Fault[] = [];
  if (document.id !== pathId) faults.push({ pointer: '/id', message: `is ${document.id}, but the address says ${pathId}` });
  if (staleness?.mode === 'strict' && staleness.max_cache_age === undefined)
    faults.push({ pointer: '/staleness/max_cache_age', message: 'is missing: strict has to say how old is too old' });
  if (staleness && staleness.mode !== 'strict' && staleness.max_cache_age !== undefined)
    faults.push({ pointer: '/staleness/max_cache_age', message: 'belongs to strict only' });
  if (execute.sessions !== undefined && execute.run_as !== 'user')
    faults.push({ pointer: '/execute/sessions', message: 'belongs to run_as user only' });
  // Blank counts as not set, as in the reference.
  const hasScript = execute.script !== undefined && execute.script.trim() !== '';
  const hasFile = execute.script_file !== undefined && execute.script_file.trim() !== '';
  if (hasScript && hasFile) faults.push({ pointer: '/execute/script_file', message: 'and script are given: one of the two' });
  if (!hasScript && !hasFile) faults.push({ pointer: '/execute/script', message: 'is missing' });
  if (faults.length > 0) throw new KanadeError('invalid_body', faults.map((f) => `${f.pointer} ${f.message}`).join('; '), { faults });
  if (hasFile) {
    const where: Fault = {
      pointer: '/execute/script_file',
      message: `${execute.script_file} has to be sent as text in script`,
      code: 'script_file_not_inlined',
      value: execute.script_file!,
    };
    throw new KanadeError('script_file_not_inlined', where.message, { faults: [where] });
  }
  const script = new TextEncoder().encode(execute.script);
  if (script.length > SCRIPT_MAX)
    throw new KanadeError('script_too_large', `the script is ${script.length} bytes long, ${SCRIPT_MAX} is the most`);
  return script;
}
