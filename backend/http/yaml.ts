export const YAML = 'application/yaml';

/** JSON unless YAML is asked for and JSON is not asked for before it. */
export function wantsYaml(accept: string | undefined): boolean {
  const types = (accept ?? '').split(',').map((type) => type.split(';')[0]!.trim().toLowerCase());
  const first = types.find((type) => type === YAML || type === 'application/json');
  return first === YAML;
}
