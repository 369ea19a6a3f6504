import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Ledger } from '#core/agent/ledger/ledger.ts';
import { LedgerFolder } from '#core/agent/ledger/ledger-store.ts';
import { OutboxFolder } from '#core/agent/outbox/outbox-folder.ts';
import { encode } from '#core/contract/codec.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { quietLog } from '../quiet-log.ts';

/** Does the work named on the command line in the folder named there, and tells each step as soon as it counts as done. */
const [, , work, dir] = process.argv as [string, string, string, string];
const tell = (step: string) => void process.send!(step);

if (work === 'stop before the rename') {
  await atomicWrite(join(dir, 'file'), 'new', async () => {
    tell('written');
    setInterval(() => {}, 60_000);
    await new Promise(() => {});
  });
} else if (work === 'outbox') {
  const store = new OutboxFolder(dir);
  await store.scan();
  for (let n = 0; ; n++) {
    await store.write('results', store.fileOf('results', `m${n}`), encode({ n, filler: 'x'.repeat(3000) }));
    tell(`m${n}`);
  }
} else {
  const ledger = await Ledger.open({ store: new LedgerFolder(dir), clock: () => 5, random: randomBytes, log: quietLog });
  for (let n = 0; ; n++) {
    const requestId = `q${n}`;
    await ledger.admit({ requestId, execId: 'x', subject: 'commands.all.x', expiresAt: 9, bytes: encode({ n }) });
    tell(`${n} pending`);
    await ledger.launching(requestId, { resultId: `r${n}`, startedAt: 6 });
    tell(`${n} launching`);
    await ledger.finished(requestId, { resultId: `r${n}`, finishedAt: 7, outcome: 'failed', result: encode({ result: n }) });
    tell(`${n} finished`);
    await ledger.sent(requestId);
    tell(`${n} sent`);
  }
}
