import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { messageOf } from '#core/contract/errors.ts';
import { PACKAGE } from '#core/installation.ts';
import { commitDate } from './commit-date.ts';
import { pack } from './pack.ts';
import { ROOT } from './root.ts';
import { signer, unsigned } from './sign.ts';
import { assertTools } from './tools.ts';

// What `npm run pack` runs: all that is shipped, into dist/.
try {
  const { values } = parseArgs({
    options: {
      destination: { type: 'string', default: `${ROOT}/dist` },
      'sign-cert': { type: 'string', default: process.env.KANADE_SIGN_CERT },
      'sign-key': { type: 'string', default: process.env.KANADE_SIGN_KEY },
      'sign-ca': { type: 'string' },
      'timestamp-url': { type: 'string' },
      'nats-server': { type: 'string' },
    },
  });
  const { 'sign-cert': certificate, 'sign-key': key, 'sign-ca': ca, 'timestamp-url': timestampUrl } = values;
  if ((certificate === undefined) !== (key === undefined))
    throw new Error('a certificate and its key go together: --sign-cert and --sign-key');
  await assertTools(certificate !== undefined);
  if (certificate === undefined) console.log('without --sign-cert nothing is signed');
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
  await pack({
    version,
    at: await commitDate(process.env),
    destination: resolve(values.destination),
    sign: certificate === undefined || key === undefined ? unsigned : signer({ certificate, key, ca, timestampUrl }),
    natsServer: values['nats-server'],
    say: (line) => console.log(line),
  });
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
