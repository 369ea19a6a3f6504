import { expect, test } from 'vitest';
import { blobName, lockBlob, openBlob } from '#core/contract/blob.ts';
import { sha256 } from '#core/contract/ids.ts';

const body = new TextEncoder().encode('Write-Output "not for everybody"\r\n'.repeat(200));

test('who knows the digest finds it and reads it', () => {
  const { digest, name, locked } = lockBlob(body);
  expect(digest).toBe(sha256(body));
  expect(name).toBe(blobName(digest));
  expect(name).toMatch(/^[0-9a-f]{64}$/);
  expect(Buffer.from(openBlob(digest, locked)!).equals(body)).toBe(true);
  expect(openBlob(lockBlob(new Uint8Array()).digest, lockBlob(new Uint8Array()).locked)).toHaveLength(0);
});

test('what lies there says neither the content nor its digest, and neither does its name', () => {
  const { digest, name, locked } = lockBlob(body);
  expect(Buffer.from(locked).includes('not for everybody')).toBe(false);
  expect(name).not.toContain(digest.slice(0, 16));
  expect(openBlob(name, locked)).toBeUndefined();
});

test('the same content is the same bytes, whoever stores it', () => {
  expect(lockBlob(body)).toEqual(lockBlob(Buffer.from(body)));
});

test('what was altered, cut or is another one does not open', () => {
  const { digest, locked } = lockBlob(body);
  const altered = Uint8Array.from(locked);
  altered[100]! ^= 1;
  for (const wrong of [altered, locked.subarray(1), locked.subarray(0, 10), new Uint8Array(), body, lockBlob(altered).locked]) {
    expect(openBlob(digest, wrong)).toBeUndefined();
  }
});
