import { join } from 'node:path';
import { type Infer, optional, string, type } from 'superstruct';
import { parseJson } from '#core/contract/codec.ts';
import { ErrorRecord } from '#core/contract/result.ts';
import { RESULT_FILE, readIfThere } from './run-folder.ts';

/** What wrapper.ps1 leaves in result.json. */
const WrapperReport = type({ language_mode: string(), error_record: optional(ErrorRecord) });
export type WrapperReport = Infer<typeof WrapperReport>;

/** Undefined when the wrapper was never run; also when what it wrote is broken, as on a full disk. */
export async function readWrapperReport(folder: string): Promise<WrapperReport | undefined> {
  const text = await readIfThere(join(folder, RESULT_FILE));
  return text === undefined ? undefined : parseWrapperReport(text);
}

export function parseWrapperReport(text: string): WrapperReport | undefined {
  try {
    const report = parseJson(Buffer.from(text.replace(/^\uFEFF/, '')));
    if (!WrapperReport.is(report)) return undefined;
    return { language_mode: report.language_mode, ...(report.error_record && { error_record: withoutEmpty(report.error_record) }) };
  } catch {
    // Cut off: the exit code still says how the script ended.
    return undefined;
  }
}

function withoutEmpty({ message, ...rest }: ErrorRecord): ErrorRecord {
  return { message, ...Object.fromEntries(Object.entries(rest).filter(([, text]) => text !== '')) };
}
