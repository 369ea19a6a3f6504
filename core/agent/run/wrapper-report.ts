import { join } from 'node:path';
import { type Infer, optional, string, type } from 'superstruct';
import { parseJson } from '#core/contract/codec.ts';
import { ErrorRecord } from '#core/contract/result.ts';
import { readPlainFile } from '#core/files/read-plain-file.ts';
import { RESULT_FILE, userResultFile } from './run-folder.ts';

/** Bytes: a longer one is not read. */
const REPORT_MAX = 4 * 1024 * 1024;

/** What wrapper.ps1 leaves in result.json. */
const WrapperReport = type({ language_mode: string(), error_record: optional(ErrorRecord) });
export type WrapperReport = Infer<typeof WrapperReport>;

/**
 * Undefined when the wrapper was never run; also when what it wrote is broken, as on a full disk. `session`: of the user as
 * whom it ran, and who may have written anything.
 */
export async function readWrapperReport(folder: string, session?: number): Promise<WrapperReport | undefined> {
  const file = session === undefined ? RESULT_FILE : userResultFile(session);
  const text = await readPlainFile(join(folder, file), REPORT_MAX);
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
