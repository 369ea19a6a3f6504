/**
 * One archive of the machine's apt configuration, as the fields of a deb822 stanza (lower-case names). One-line entries
 * are read into the same form, so that there is one thing to choose from and one way to write it.
 */
export type AptSource = ReadonlyMap<string, string>;

/** A `.sources` file. Continuation lines stay in their field: an embedded signing key must come out as it went in. */
export function parseDeb822(text: string): AptSource[] {
  const stanzas: Map<string, string>[] = [];
  let fields = new Map<string, string>();
  let field: string | undefined;
  const end = () => {
    if (fields.size > 0) stanzas.push(fields);
    fields = new Map();
    field = undefined;
  };
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const named = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*)$/.exec(line);
    if (line.trim() === '') end();
    else if (named) {
      field = named[1]!.toLowerCase();
      fields.set(field, named[2]!.trimEnd());
    } else if (/^[ \t]/.test(line) && field !== undefined) fields.set(field, `${fields.get(field)}\n${line}`);
  }
  end();
  return stanzas;
}

const OPTION_FIELDS: Record<string, string> = { arch: 'architectures', lang: 'languages', target: 'targets' };

/** A `.list` file: `deb [option=value …] uri suite component…` on each line. */
export function parseOneLine(text: string): AptSource[] {
  const sources: AptSource[] = [];
  for (const line of text.split(/\r?\n/)) {
    const entry = /^\s*(deb(?:-src)?)\s+(?:\[([^\]]*)\]\s*)?(\S+)\s+(\S+)\s*([^#]*)/.exec(line);
    if (!entry) continue;
    const [, types, options, uris, suites, components] = entry;
    const fields = new Map([
      ['types', types!],
      ['uris', uris!],
      ['suites', suites!],
      ['components', components!.trim()],
    ]);
    for (const [, name, value] of (options ?? '').matchAll(/([A-Za-z-]+)=(\S+)/g)) {
      fields.set(OPTION_FIELDS[name!.toLowerCase()] ?? name!.toLowerCase(), value!.replaceAll(',', ' '));
    }
    sources.push(fields);
  }
  return sources;
}

const words = (value: string | undefined) => (value ?? '').split(/\s+/).filter((word) => word !== '');

/** The archive the system itself is installed from: the first enabled binary source whose suites name the codename. */
export function systemSource(sources: readonly AptSource[], codename: string): AptSource | undefined {
  return sources.find(
    (source) =>
      !/^(no|false|0)$/i.test(source.get('enabled') ?? '') &&
      words(source.get('types')).includes('deb') &&
      words(source.get('suites')).includes(codename),
  );
}

/** The same archive and keys, asked for the packages of another suite and nothing else. */
export function withSuite(source: AptSource, suite: string): string {
  const fields = new Map([...source, ['types', 'deb'], ['suites', suite]] as [string, string][]);
  fields.set('targets', 'Packages');
  return `${[...fields].map(([name, value]) => `${name}: ${value}`).join('\n')}\n`;
}
