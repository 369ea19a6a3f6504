import { crc32 } from 'node:zlib';
import { byName, type PackFile } from './files.ts';

/** 1980-01-01, the first day that a zip knows. */
const DATE = 0x0021;
const VERSION = 20;
const UTF8 = 0x0800;

/** A zip of small files, uncompressed: the same files give the same bytes whatever made them. */
export function storedZip(files: readonly PackFile[]): Uint8Array {
  const [local, central]: [Buffer[], Buffer[]] = [[], []];
  let offset = 0;
  for (const { name, bytes } of [...files].sort(byName)) {
    const path = Buffer.from(name);
    const about = Buffer.alloc(26);
    about.writeUInt16LE(VERSION, 0);
    about.writeUInt16LE(UTF8, 2);
    about.writeUInt16LE(DATE, 8);
    about.writeUInt32LE(crc32(bytes), 10);
    about.writeUInt32LE(bytes.length, 14);
    about.writeUInt32LE(bytes.length, 18);
    about.writeUInt16LE(path.length, 22);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    local.push(Buffer.from('PK\x03\x04', 'latin1'), about, path, Buffer.from(bytes));
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), about, place, path);
    offset += 30 + path.length + bytes.length;
  }
  const list = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(list.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, list, end]);
}
