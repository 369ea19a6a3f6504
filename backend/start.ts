import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { endWithParent } from '#core/process/end-with-parent.ts';
import { startSettings } from '#core/settings/settings.ts';
import { runAll } from './all-in-one/run-all.ts';

// What `npm start` runs: broker, backend and an agent for this machine.
const signal = endWithParent();
try {
  const settings = startSettings(process.argv.slice(2), process.env);
  await runAll({ settings, env: process.env, signal, say: (line) => console.log(line) });
} catch (error) {
  // Asked to stop while it was starting: everything has been stopped, and nothing is wrong.
  if (!signal.aborted) {
    console.error(error instanceof KanadeError ? `${error.code}: ${messageOf(error)}` : error);
    process.exitCode = 1;
  }
}
