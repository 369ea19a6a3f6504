/** What the wrapper reads: see `jobFile`. */
export interface JobFile {
  args: readonly unknown[];
  params: Readonly<Record<string, unknown>>;
  failOnNative: boolean;
}

/**
 * Arguments as ConvertFrom-Json cannot change them. By itself it turns strings that look like dates into dates, refuses
 * objects whose names differ by case only, and gives numbers other types in 5.1 than in 7. So every value but null and
 * booleans carries its type: `s:text`, `i:1`, `l:5000000000`, `d:1.5`, `["a", ...]`, `["o", name, value, ...]`.
 * ASCII only, so that no reader can take it for another encoding.
 */
export function jobFile(job: JobFile): Uint8Array {
  const json = JSON.stringify({ args: tag(job.args), params: tag(job.params), failOnNative: job.failOnNative });
  return Buffer.from(
    json.replace(/[^\n -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    'latin1',
  );
}

function tag(value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null;
  if (typeof value === 'number') return tagNumber(value);
  if (Array.isArray(value)) return ['a', ...value.map(tag)];
  if (typeof value === 'object') return ['o', ...Object.entries(value).flatMap(([name, item]) => [`s:${name}`, tag(item)])];
  return `s:${String(value)}`;
}

/** The type PowerShell itself gives a number that is typed in: [int], [long], [double]. */
function tagNumber(value: number): string {
  if (!Number.isSafeInteger(value) || Object.is(value, -0)) return `d:${Object.is(value, -0) ? '-0' : value}`;
  return value === (value | 0) ? `i:${value}` : `l:${value}`;
}
