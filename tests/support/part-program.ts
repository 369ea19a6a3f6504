import { appendFileSync } from 'node:fs';
import { endWithParent, tellParent } from '#core/process/end-with-parent.ts';

// A program as the parts of Kanade are: says when it is ready, ends when it is told to or left alone. What it does goes to a file.
const [journal, how] = process.argv.slice(2);
const note = (what: string) => appendFileSync(journal!, `${what}\n`);
const signal = endWithParent();
const alive = setInterval(() => {}, 1000);
if (how === 'broken' || how === 'lost') {
  console.error(how === 'lost' ? 'command_key_lost: it is gone' : 'no such thing');
  process.exit(3);
}
signal.addEventListener('abort', () => {
  note(`ended: ${signal.reason.message}`);
  if (how === 'stubborn') return;
  clearInterval(alive);
  process.exitCode = how === 'five' ? 5 : 0;
});
note(`pid ${process.pid}`);
if (how === 'held up') {
  console.log('{"level":"info","msg":"it begins"}');
  console.log('{"level":"warn","code":"certificate_untrusted","msg":"no broker yet","error":"another CA"}\nno line of a log');
  await new Promise((resolve) => setTimeout(resolve, 1000));
}
tellParent({ type: 'ready', url: 'http://127.0.0.1:1' });
