import { expect, test } from 'vitest';
import { encode } from '#core/contract/codec.ts';
import { connectAsPc, issuePc } from '#tests/support/identity.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';

const { kanade } = await kanadeOfFile({ identities: true });
const stop = new AbortController();

test('a PC with an identity runs a command, and its forged result for another PC is refused', async () => {
  await kanade.readyAgent('pc1');
  const exec = await kanade.backend.submit({ script: 'echo hello', target: { pcs: ['pc1'] } });
  const { result_id } = await kanade.backend.inState(exec, 'pc1', 'succeeded');
  expect((await kanade.backend.get(`/results/${result_id}`)).stdout).toBe('hello\n');

  const { credential } = await issuePc(kanade.identity!, 'PC2');
  await using thief = await connectAsPc(kanade.broker.url, 'PC2', credential, stop.signal);
  const forged = thief.publishStored(`results.${exec}.PC1`, encode({ forged: true }), { timeout: 5000 });
  await expect(forged).rejects.toMatchObject({ code: 'forbidden' });
  const own = await thief.publishStored(`results.${exec}.PC2`, encode({ nonsense: true }), { timeout: 5000 });
  expect(own.stream).toBe('RESULTS');
});
