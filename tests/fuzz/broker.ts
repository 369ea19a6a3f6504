import { connect } from 'node:net';
import { createUser, fromSeed } from '@nats-io/nkeys';
import type { Credential } from '#core/nats/connection.ts';
import { HANG, type Target } from './finding.ts';
import { anything, mutate, mutateBytes, pick, type Random } from './generate.ts';

/** Milliseconds until a broker has let somebody in who it lets in. */
const ADMITTED_WITHIN = 150;

/**
 * A PC's JWT, changed, or with the signature of another key: the broker lets nobody in. `control` counts how often the true one
 * was let in all the same, without which nothing would be shown.
 */
export function jwts(port: number, { jwt, seed }: Credential): Target {
  const key = fromSeed(seed);
  const other = createUser();
  return {
    name: 'JWTs at the broker',
    share: 0.03,
    width: 16,
    async try(n, random, input) {
      const honest = n % 50 === 0;
      const claimed = honest ? jwt : changedJwt(jwt, random);
      const signer = honest || random() < 0.8 ? key : other;
      input(`${honest ? 'the true one' : claimed}`);
      const admitted = await say(port, (nonce) => {
        const signature = Buffer.from(signer.sign(Buffer.from(nonce))).toString('base64url');
        return `CONNECT ${JSON.stringify({ jwt: claimed, sig: signature, protocol: 1, verbose: false, pedantic: false })}\r\nPING\r\n`;
      });
      if (admitted !== honest && !(claimed === jwt && signer === key))
        throw new Error(honest ? 'the true JWT was refused' : 'a forged JWT was let in');
    },
  };
}

/** Three parts in base64url: a change that decodes to the same bytes is none. */
function changedJwt(jwt: string, random: Random): string {
  for (;;) {
    const parts = jwt.split('.');
    const at = Math.floor(random() * 3);
    const part = Buffer.from(parts[at]!, 'base64url');
    const changed =
      random() < 0.5 && at < 2 ? Buffer.from(JSON.stringify(mutate(JSON.parse(part.toString()), random))) : mutateBytes(part, random);
    if (changed.equals(part)) continue;
    return random() < 0.9
      ? parts.with(at, changed.toString('base64url')).join('.')
      : mutateBytes(Buffer.from(jwt), random)
          .toString('latin1')
          .replaceAll(/[^\x21-\x7e]/g, '-');
  }
}

/** Whether it answered PING with PONG. */
function say(port: number, words: (nonce: string) => string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port });
    let heard = '';
    let said = false;
    const late = setTimeout(() => {
      reject(new Error(`neither let in nor refused within ${HANG / 1000} s`));
      socket.destroy();
    }, HANG);
    socket.on('data', (data) => {
      heard += data;
      const nonce = /^INFO .*"nonce":"([^"]+)"/.exec(heard)?.[1];
      if (!said && heard.includes('\r\n')) {
        said = true;
        socket.write(words(nonce ?? ''));
      }
      if (/(?:^|\n)PONG\r\n/.test(heard)) {
        clearTimeout(late);
        resolve(true);
        socket.destroy();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(late);
      resolve(false);
    });
  });
}

const LINES = [
  'CONNECT {"verbose":false}\r\nPING\r\n',
  'PUB heartbeat.PC1 2\r\n{}\r\n',
  'HPUB results.e1.PC1 12 14\r\nNATS/1.0\r\n\r\n{}\r\n',
  'SUB > 1\r\nSUB $SYS.> 2\r\nPING\r\n',
  'PUB $JS.API.STREAM.DELETE.EXEC 0\r\n\r\n',
  'INFO {}\r\nMSG a 1 0\r\n\r\nRMSG a b 0\r\n',
];

/** Lines of the broker's protocol from nobody, whole and broken: it closes, and says nothing of anybody. */
export function protocol(port: number): Target {
  return {
    name: 'bytes on the broker port',
    share: 0.02,
    width: 16,
    try: (_n, random, input) =>
      new Promise<void>((resolve, reject) => {
        const line = random() < 0.2 ? `CONNECT ${JSON.stringify(anything(random))}\r\nSUB > 1\r\n` : pick(random, LINES);
        const bytes = mutateBytes(Buffer.from(line), random);
        input(bytes.toString('latin1'));
        const socket = connect({ host: '127.0.0.1', port }, () =>
          socket.write(bytes, () => setTimeout(() => socket.end(), ADMITTED_WITHIN)),
        );
        let heard = '';
        const late = setTimeout(() => {
          reject(new Error(`still open after ${HANG / 1000} s`));
          socket.destroy();
        }, HANG);
        socket.on('data', (data) => (heard += data));
        socket.on('error', () => {});
        socket.on('close', () => {
          clearTimeout(late);
          if (/(?:^|\n)(?:H?MSG|PONG|\+OK)/.test(heard)) reject(new Error(`it spoke to a stranger: ${heard.slice(-300)}`));
          else resolve();
        });
      }),
  };
}
