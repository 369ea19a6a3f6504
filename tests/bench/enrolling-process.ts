import { Identity } from '#core/agent/identity/identity.ts';
import { type IdentityServer, identityServer, type ServerOptions } from '#core/agent/identity/server.ts';
import { currentPlatform } from '#core/agent/platform/current.ts';
import { readEnrolmentToken } from '#core/contract/enrolment.ts';
import { messageOf } from '#core/contract/errors.ts';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';
import { memoryIdentity } from '#tests/support/memory-identity.ts';
import { quietLog } from '#tests/support/quiet-log.ts';
import { type PcRange, pcNames } from '#tests/support/simulated-agents.ts';

/** Many PCs without an identity, which all begin at once; what they are comes as one JSON argument. */
const { server, token, ...range } = JSON.parse(process.argv[2]!) as PcRange & { server: string; token: string };
const signal = endWithParent();
let requests = 0;

/** Each PC its own connection and its own look at the CA, as on machines of their own. */
function connect(options: Pick<ServerOptions, 'url' | 'ca' | 'fingerprint' | 'signal'>): IdentityServer {
  const line = identityServer({ ...options, env: {} });
  return {
    challenge: line.challenge,
    renew: line.renew,
    close: line.close,
    get ca() {
      return line.ca;
    },
    enrol: (request) => {
      requests++;
      return line.enrol(request);
    },
  };
}

try {
  if (readEnrolmentToken(token) === undefined) throw new Error('that is no enrolment token');
  const platform = { ...currentPlatform(), hardware: async () => ({}) };
  await Promise.all(
    pcNames(range).map(async (pcId) => {
      const identity = await Identity.open({
        store: memoryIdentity(),
        pcId,
        server: () => server,
        token: () => token,
        connect,
        platform,
        version: '0.0.0-simulated',
        wall: Date.now,
        mono: () => performance.now(),
        random: Math.random,
        log: quietLog,
      });
      await identity.obtain(`ledger-${pcId}`, signal);
    }),
  );
  tellParent({ type: 'ready', requests });
} catch (error) {
  tellParent({ type: 'failed', code: '', message: messageOf(error) });
  process.exit(1);
}
