import { createHash } from 'node:crypto';
import { guidOf } from './guid.ts';

/**
 * The files of a version as wixl wants them: a component each, whose GUID says where it is installed: `owner` is whose they are and in
 * which version. `names` with slashes, as they lie in the folder `source` beside the file that this text becomes.
 */
export function filesFragment(owner: string, source: string, names: readonly string[]): string {
  const refs: string[] = [];
  const body = folder('', [...names].sort()).join('\n');
  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Fragment>
    <DirectoryRef Id="VersionFolder">
${body}
    </DirectoryRef>
    <ComponentGroup Id="VersionFiles">
${refs.map((id) => `<ComponentRef Id="${id}"/>`).join('\n')}
    </ComponentGroup>
  </Fragment>
</Wix>
`;

  function folder(path: string, inside: readonly string[]): string[] {
    const lines: string[] = [];
    const below = new Map<string, string[]>();
    for (const name of inside) {
      const rest = name.slice(path.length);
      const slash = rest.indexOf('/');
      if (slash < 0) lines.push(component(name, rest));
      else below.set(rest.slice(0, slash), [...(below.get(rest.slice(0, slash)) ?? []), name]);
    }
    for (const [part, names] of below)
      lines.push(`<Directory Id="${idOf('d', path + part)}" Name="${escaped(part)}">`, ...folder(`${path}${part}/`, names), '</Directory>');
    return lines;
  }

  function component(name: string, file: string): string {
    const id = idOf('c', name);
    refs.push(id);
    const what = `<File Id="${idOf('f', name)}" Name="${escaped(file)}" Source="${escaped(`${source}/${name}`)}" KeyPath="yes"/>`;
    return `<Component Id="${id}" Guid="${guidOf(`${owner}/${name}`)}" Win64="yes">${what}</Component>`;
  }
}

function idOf(kind: string, name: string): string {
  return `${kind}${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
