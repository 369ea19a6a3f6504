import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '#core/contract/errors.ts';
import { PACKAGE } from '#core/installation.ts';
import { commitDate } from './commit-date.ts';
import { pack } from './pack.ts';
import { releaseSigning, withoutKey } from './release-signing.ts';
import { resignFile } from './resign.ts';
import { ROOT } from './root.ts';
import { signer, unsigned } from './sign.ts';
import { assertTools } from './tools.ts';

// What `npm run pack` runs: all that is shipped, into dist/; with --resign only a release that is there is signed anew.
try {
  const { values } = parseArgs({
    options: {
      destination: { type: 'string', default: `${ROOT}/dist` },
      'sign-cert': { type: 'string', default: process.env.KANADE_SIGN_CERT },
      'sign-key': { type: 'string', default: process.env.KANADE_SIGN_KEY },
      'sign-ca': { type: 'string' },
      'timestamp-url': { type: 'string' },
      'nats-server': { type: 'string' },
      'release-key': { type: 'string', multiple: true },
      'release-keys': { type: 'string' },
      'release-expires': { type: 'string', default: '90d' },
      resign: { type: 'string' },
    },
  });
  const say = (line: string) => console.log(line);
  const { release, releaseKeys } = await releaseSigning(
    {
      keys: values['release-key'] ?? (process.env.KANADE_RELEASE_KEY ? [process.env.KANADE_RELEASE_KEY] : []),
      list: values['release-keys'],
      expires: values['release-expires'],
    },
    Date.now(),
  );
  if (values.resign === undefined) await packAll();
  else await resignFile(resolve(values.resign), { release, releaseKeys, say });

  async function packAll(): Promise<void> {
    const { 'sign-cert': certificate, 'sign-key': key, 'sign-ca': ca, 'timestamp-url': timestampUrl } = values;
    if ((certificate === undefined) !== (key === undefined))
      throw new Error('a certificate and its key go together: --sign-cert and --sign-key');
    await assertTools(certificate !== undefined);
    if (certificate === undefined) say('without --sign-cert nothing is signed');
    const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
    await pack({
      version,
      at: await commitDate(process.env),
      destination: resolve(values.destination),
      sign: certificate === undefined || key === undefined ? unsigned : signer({ certificate, key, ca, timestampUrl }),
      releaseKeys,
      release,
      natsServer: values['nats-server'],
      say,
    });
    // Last, where it is read: it cannot be mended on PCs that have these packages but by other packages.
    const missing = withoutKey(release, releaseKeys);
    if (missing !== undefined) say(missing);
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
