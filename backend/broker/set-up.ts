import { messageOf } from '#core/contract/errors.ts';
import { endWithParent } from '#core/process/end-with-parent.ts';
import { findNatsServer } from './find-nats-server.ts';

// Fetches nats-server where there is none, so that a test run does not do it in the middle, and several times at once.
try {
  const { path, version } = await findNatsServer({ signal: endWithParent(), log: (line) => console.log(line) });
  console.log(`nats-server ${version}: ${path}`);
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}
