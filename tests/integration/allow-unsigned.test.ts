import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { subjects } from '#core/contract/subjects.ts';
import { settled } from '#tests/support/evidence.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import { command } from '#tests/support/projection.ts';
import { seedCommand } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

const { kanade, nats } = await kanadeOfFile({ sealed: true });

test('a PC whose own setting says so runs what the seeds send, and nothing else that is not signed', async () => {
  const trust = { file: kanade.trustFile, allowUnsigned: true };
  await kanade.readyAgent('pc1', { trust });
  const bodies = { 'commands.pc.PC1': seedCommand('true'), 'commands.all': seedCommand('true'), 'commands.pc.pc1': seedCommand('true') };
  for (const [subject, body] of Object.entries(bodies)) {
    await nats.publishStored(subject, encode(body));
    await kanade.backend.inState(body.request_id, 'pc1', 'succeeded');
  }
  for (const subject of [subjects.commandPc('PC1', 'x'), subjects.commandAll('y'), subjects.control('PC1', 'logs')]) {
    nats.publish(subject, encode(command('x')), subjects.reply('PC1', 'n'));
    await until(`${subject} is refused`, async () =>
      (await kanade.backend.get('/events?pc=pc1&kind=refused')).items.some(
        (event: { code: string; subject: string }) => event.code === 'unsigned' && event.subject === subject,
      ),
    );
  }
  await settled(kanade, 'pc1');
  expect((await kanade.backend.get('/events?pc=pc1&kind=refused')).items).toHaveLength(3);
});
