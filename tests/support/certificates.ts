import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCa, makeServerCertificate, type Pair } from '#backend/tls/authority.ts';

const DAY = 86_400_000;

/** A CA as an admin has one, and what it signs. */
export async function testCa(now = Date.now()) {
  const ca = await makeCa(now);
  return {
    pem: ca.cert,
    issue: (names: readonly string[] = ['127.0.0.1'], at = now, days = 30) => makeServerCertificate({ ca, names, now: at, days }),
    expired: (names: readonly string[] = ['127.0.0.1']) => makeServerCertificate({ ca, names, now: now - 10 * DAY, days: 5 }),
  };
}

/** Puts them where the settings say. */
export async function putPair(dir: string, pair: Pair): Promise<{ cert: string; key: string }> {
  const files = { cert: join(dir, 'cert.pem'), key: join(dir, 'key.pem') };
  await writeFile(files.cert, pair.cert);
  await writeFile(files.key, pair.key);
  return files;
}
