import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { windowsPrograms } from '#tests/support/windows-host.ts';
import { HAS_WINE, SET_UP_WITHIN, startWine, type Wine } from '#tests/support/wine.ts';

let wine: Wine;
let host: string;

beforeAll(async () => {
  if (!HAS_WINE) return;
  wine = await startWine();
  host = (await windowsPrograms()).host;
}, SET_UP_WITHIN);
afterAll(() => wine?.[Symbol.asyncDispose]());

function convert(verb: 'protect' | 'unprotect', input: string) {
  const process = wine.start(host, verb);
  process.tell(input);
  process.tell(undefined);
  return process.done;
}

describe.skipIf(!HAS_WINE)('kanade-host protect', () => {
  test.for(['short', 'a credential', 'é\0日本', 'long '.repeat(20_000)])('what was protected is read again', async (text) => {
    const given = Buffer.from(text).toString('base64');
    const made = await convert('protect', given);
    expect({ code: made.code, stderr: made.stderr }).toEqual({ code: 0, stderr: '' });
    expect(made.stdout).not.toContain(given.replace(/=+$/, ''));
    const read = await convert('unprotect', made.stdout);
    expect({ code: read.code, text: Buffer.from(read.stdout, 'base64').toString() }).toEqual({ code: 0, text });
  });

  test('what another system has protected, or nobody, is not ours', async () => {
    const { stdout } = await convert('protect', Buffer.from('mine').toString('base64'));
    const spoilt = Buffer.from(stdout, 'base64');
    spoilt[spoilt.length - 10]! ^= 1;
    for (const foreign of [spoilt, Buffer.from('no such thing'), Buffer.alloc(300)]) {
      const { code, stdout: said } = await convert('unprotect', foreign.toString('base64'));
      expect({ code, said }).toEqual({ code: 3, said: '' });
    }
  });

  test('what is no Base64 is an error of ours, and says so', async () => {
    const { code, stderr } = await convert('unprotect', '!!!');
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining('standard input is no Base64') });
  });

  test('an unknown mode is refused', async () => {
    const { code, stderr } = await wine.run(host, 'nonsense');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('kanade-host service') });
  });

  test('service mode is for the system to start', async () => {
    const { code, stderr } = await wine.run(host, 'service');
    expect(code).not.toBe(0);
    expect(stderr).toContain('for the service control manager to start');
  });
});
