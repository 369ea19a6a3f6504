import { isMap, isScalar, Scalar } from 'yaml';
import { KanadeError } from '#core/contract/errors.ts';
import { parseYaml, readYaml } from '../schema/yaml.ts';

/**
 * The text of a job with `script` in place of its script_file, comments and order kept. For whoever has the file, and no
 * parser of YAML: PowerShell.
 */
export function inlineYaml(text: string, script: string): string {
  const document = readYaml(text);
  const execute = document.get('execute', true);
  const pair = isMap(execute) ? execute.items.find(({ key }) => isScalar(key) && key.value === 'script_file') : undefined;
  if (pair === undefined) throw noScriptFile();
  const name = pair.value;
  if (isScalar(pair.key)) pair.key.value = 'script';
  const written = (type: Scalar.Type) => {
    const value = new Scalar(script);
    value.type = type;
    if (isScalar(name)) value.comment = name.comment;
    pair.value = value;
    return document.toString({ lineWidth: 0 });
  };
  // A block is what people can read, and cannot say everything: a carriage return is no part of it.
  const block = written(Scalar.BLOCK_LITERAL);
  return scriptOf(block) === script ? block : written(Scalar.QUOTE_DOUBLE);
}

/** The same of a job as JSON. */
export function inlineJson(text: string, script: string): string {
  let document: { execute?: { script_file?: unknown } } | null;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new KanadeError('bad_request', `the document is not JSON: ${(cause as Error).message}`, { cause });
  }
  if (typeof document?.execute !== 'object' || document.execute?.script_file === undefined) throw noScriptFile();
  const { script_file: _, ...execute } = document.execute;
  return JSON.stringify({ ...document, execute: { ...execute, script } }, null, 2);
}

function scriptOf(yaml: string): unknown {
  return (parseYaml(yaml) as { execute: { script?: unknown } }).execute.script;
}

function noScriptFile(): KanadeError {
  const fault = { pointer: '/execute/script_file', message: 'is not there' };
  return new KanadeError('invalid_body', `${fault.pointer} ${fault.message}`, { faults: [fault] });
}
