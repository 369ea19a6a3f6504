import { any, array, enums, type Infer, number, string, type } from 'superstruct';
import { check, parseJson } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { FAULT_CODES, SECTIONS, type Section } from '#core/contract/inventory.ts';
import { faultInData, type SectionData } from '#core/contract/inventory-data.ts';
import { Instant } from '#core/contract/time.ts';

/** The one line that `Get-KanadeInventoryMessage` writes. */
const SectionMessage = type({
  section: enums(SECTIONS),
  collected_at: Instant,
  data: any(),
  faults: array(type({ source: string(), code: enums(FAULT_CODES), message: string() })),
  /** Bytes that PowerShell's process holds. */
  working_set: number(),
});
export type SectionMessage = Omit<Infer<typeof SectionMessage>, 'data'> & { data: SectionData };

/** `bad_message` when PowerShell wrote anything else than this section's message, in one line. */
export function readSectionMessage(section: Section, stdout: string): SectionMessage {
  const message = check(SectionMessage, onlyLine(stdout));
  if (message.section !== section) throw new KanadeError('bad_message', `it is the section ${message.section}`);
  const wrong = faultInData(section, message.data);
  if (wrong !== undefined) throw new KanadeError('bad_message', `/data${wrong.pointer} ${wrong.message}`);
  return { ...message, data: message.data as SectionData };
}

/** The sections in the one line that `Get-KanadeInventorySupport` writes, in our order; those of a newer module are left out. */
export function readSupport(stdout: string): Section[] {
  const named = new Set(check(array(string()), onlyLine(stdout)));
  return SECTIONS.filter((section) => named.has(section));
}

function onlyLine(stdout: string): unknown {
  const lines = stdout.split(/\r?\n/).filter((line) => line.trim() !== '');
  if (lines.length !== 1) throw new KanadeError('bad_message', `PowerShell wrote ${lines.length} lines in place of one`);
  return parseJson(Buffer.from(lines[0]!));
}
