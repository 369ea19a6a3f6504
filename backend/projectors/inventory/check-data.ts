import { KanadeError } from '#core/contract/errors.ts';
import { INVENTORY_ROWS_MAX } from '#core/contract/inventory.ts';
import { faultInData, type SectionData, tooMuchInData } from '#core/contract/inventory-data.ts';

/** What a message holds of a section, as the contract has it, or `bad_message` with the place of what is not so. */
export function checkData(section: string, data: unknown): SectionData {
  // The agent leaves out what is too much; whoever does not shall not have it all looked through.
  if (Array.isArray(data) && data.length > INVENTORY_ROWS_MAX) throw bad('', `has ${data.length} rows, ${INVENTORY_ROWS_MAX} are the most`);
  const fault = faultInData(section, data) ?? tooMuchInData(data as SectionData);
  if (fault !== undefined) throw bad(fault.pointer, fault.message);
  return data as SectionData;
}

function bad(at: string, message: string): KanadeError {
  const pointer = `/data${at}`;
  return new KanadeError('bad_message', `${pointer}: ${message}`, { faults: [{ pointer, message }] });
}
