export interface XmlElement {
  tag: string;
  attributes: Record<string, string>;
  /** Its own text. */
  content: string;
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** All elements of a document as our own programs write it: no comments, no CDATA. Throws where it is not well-formed. */
export function elementsOf(xml: string): XmlElement[] {
  const all: XmlElement[] = [];
  const open: XmlElement[] = [];
  let at = 0;
  for (const found of xml.replace(/^<\?xml [^>]*\?>/, '').matchAll(/<(\/?)([\w:]+)((?:\s+[\w:]+="[^"<]*")*)\s*(\/?)>|([^<]+)/g)) {
    const [whole, closes, tag, attributes, single, text] = found;
    if (found.index !== at) throw new Error(`no XML at ${at}`);
    at += whole.length;
    if (text !== undefined) {
      if (open.length > 0) open.at(-1)!.content += decoded(text);
      else if (text.trim() !== '') throw new Error('text beyond the document');
    } else if (closes === '/') {
      if (open.pop()?.tag !== tag) throw new Error(`</${tag}> closes something else`);
    } else {
      const pairs = [...attributes!.matchAll(/([\w:]+)="([^"]*)"/g)].map(([, name, value]) => [name!, decoded(value!)] as const);
      if (new Set(pairs.map(([name]) => name)).size !== pairs.length) throw new Error(`<${tag}> has an attribute twice`);
      const element = { tag: tag!, attributes: Object.fromEntries(pairs), content: '' };
      all.push(element);
      if (single !== '/') open.push(element);
    }
  }
  if (at !== xml.replace(/^<\?xml [^>]*\?>/, '').length || open.length > 0) throw new Error('it ends too early');
  return all;
}

function decoded(text: string): string {
  return text.replace(/&(\w*);?/g, (entity, name: string) => {
    if (ENTITIES[name] === undefined || !entity.endsWith(';')) throw new Error(`${entity} is no entity`);
    return ENTITIES[name];
  });
}
