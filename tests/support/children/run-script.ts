import { currentPlatform } from '#core/agent/platform/current.ts';
import { startScript } from '#core/agent/run/run-script.ts';
import { said } from '../script-runner.ts';

/** Runs one script as the agent does, and tells when it has said `ready`: <run dir> <result id> <script>. */
const [dir, resultId, script] = process.argv.slice(2) as [string, string, string];
const log = { warn: (fields: object, message: string) => process.stderr.write(`${message} ${JSON.stringify(fields)}\n`) };
const deps = { dir, platform: currentPlatform(), mono: () => performance.now(), log };
const running = await startScript(deps, { resultId, shell: 'sh', script: Buffer.from(script), timeoutMs: 600_000, runAs: 'system' });
await said(running, 'ready');
process.send!('ready');
await running.done;
