import { createDecipheriv, createHash, createHmac } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';
import { elementsOf } from './xml.ts';

/** The files of a zip, by its list. */
export function unzipped(zip: Buffer): Map<string, Buffer> {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const files = new Map<string, Buffer>();
  for (let at = zip.readUInt32LE(end + 16), left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const [method, size, name, extra, comment] = [10, 20, 28, 30, 32].map((offset) =>
      offset === 20 ? zip.readUInt32LE(at + offset) : zip.readUInt16LE(at + offset),
    ) as [number, number, number, number, number];
    const local = zip.readUInt32LE(at + 42);
    const begin = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
    const bytes = zip.subarray(begin, begin + size);
    files.set(zip.toString('utf8', at + 46, at + 46 + name), method === 0 ? bytes : inflateRawSync(bytes));
    at += 46 + name + extra + comment;
  }
  return files;
}

/** Opens an .intunewin as Intune does, and throws where it is not what it says: its one file, and what Detection.xml says by name. */
export function openIntuneWin(bytes: Buffer): { name: string; content: Buffer; about: Record<string, string> } {
  const outer = unzipped(bytes);
  const names = ['IntuneWinPackage/Contents/IntunePackage.intunewin', 'IntuneWinPackage/Metadata/Detection.xml'];
  if (JSON.stringify([...outer.keys()].sort()) !== JSON.stringify(names)) throw new Error(`it holds ${[...outer.keys()].join(', ')}`);
  const [sealed, xml] = names.map((name) => outer.get(name)!) as [Buffer, Buffer];
  const about = Object.fromEntries(elementsOf(xml.toString('utf8')).map(({ tag, content }) => [tag, content.trim()]));
  const said = (name: string) => Buffer.from(about[name] ?? '', 'base64');
  const mac = createHmac('sha256', said('MacKey')).update(sealed.subarray(32)).digest();
  if (!mac.equals(sealed.subarray(0, 32)) || !mac.equals(said('Mac'))) throw new Error('the MAC is another');
  if (!sealed.subarray(32, 48).equals(said('InitializationVector'))) throw new Error('the IV is another');
  const cipher = createDecipheriv('aes-256-cbc', said('EncryptionKey'), said('InitializationVector'));
  const plain = Buffer.concat([cipher.update(sealed.subarray(48)), cipher.final()]);
  if (!createHash('sha256').update(plain).digest().equals(said('FileDigest'))) throw new Error('the digest is another');
  if (String(plain.length) !== about.UnencryptedContentSize) throw new Error('the size is another');
  const [[name, content] = ['', Buffer.alloc(0)], ...more] = unzipped(plain);
  if (more.length > 0) throw new Error('it holds more than one file');
  return { name, content, about };
}
