// What `npm start`, `npm test` and the other scripts run, under whatever Node >= 18 the machine has: sets up what the product
// needs, then starts it under Node 24. No dependencies, for there may be none yet.
import { findNode } from './launch/find-node.mjs';
import { Launcher } from './launch/launcher.mjs';
import { setUp } from './launch/set-up.mjs';
import { VERBS } from './launch/verbs.mjs';

const [verb, ...args] = process.argv.slice(2);
const run = VERBS[verb];
if (run === undefined) {
  console.error(`core/launch.mjs: say one of ${Object.keys(VERBS).join(', ')}`);
  process.exit(2);
}

const launcher = new Launcher();
const code = await main();
launcher.stop();
process.exitCode = code;

async function main() {
  const failed = await setUp(launcher);
  if (failed !== 0) return failed;
  const node = findNode();
  if (node === undefined) {
    console.error(
      `node_missing: Kanade needs Node 24. There is none to be installed for ${process.platform} on ${process.arch}, and this is Node ${process.version}: install Node 24 or newer and run this again.`,
    );
    return 1;
  }
  return run({ launcher, node, args });
}
