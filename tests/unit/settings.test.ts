import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { KanadeError } from '#core/contract/errors.ts';
import { OUTPUT_MAX } from '#core/contract/streams.ts';
import { reportedSettings } from '#core/settings/agent-report.ts';
import { isLoopback, parseListen, reachable, speaksTls } from '#core/settings/listen.ts';
import { agentSettings, backendSettings, lookAtAgent, startSettings } from '#core/settings/settings.ts';
import { documentedLines } from '#tests/support/documented-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'kanade-settings-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(content: unknown): string {
  const path = join(folder, `${Math.random()}.json`);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

function refusal(run: () => unknown): Pick<KanadeError, 'code' | 'message'> {
  try {
    run();
  } catch (error) {
    return error as KanadeError;
  }
  throw new Error('it was not refused');
}

describe('where a setting comes from', () => {
  test('the defaults: the clone, whatever the current folder', () => {
    expect(backendSettings(['--open'], {})).toEqual({
      open: true,
      dataDir: resolve(import.meta.dirname, '../../.kanade'),
      listen: { host: '127.0.0.1', port: 8480 },
      nats: undefined,
      tls: { mode: 'auto', files: undefined, ca: undefined, publicNames: [] },
      newAdminToken: false,
      newCommandKey: false,
      writeBrokerConfig: undefined,
      writeBackupCreds: undefined,
      writeRestoreCreds: undefined,
      exportKeys: undefined,
      importKeys: undefined,
      passphraseFile: undefined,
      logLevel: 'info',
    });
  });

  test('there are identities unless it is said by name that there are none', () => {
    expect(backendSettings([], {}).open).toBe(false);
    expect(agentSettings(['--pc-id=a'], { KANADE_OPEN: '0' }).open).toBe(false);
    expect(startSettings([], { KANADE_OPEN: '1' }).open).toBe(true);
  });

  test('flags win over variables, variables over the file', () => {
    const settings = file({ open: true, listen: '127.0.0.1:1', nats: 'nats://127.0.0.1:1', log_level: 'warn' });
    const env = { KANADE_SETTINGS: settings, KANADE_LISTEN: '127.0.0.1:2', KANADE_NATS: 'nats://127.0.0.1:2' };
    const { listen, nats, logLevel } = backendSettings(['--listen', '127.0.0.1:3'], env);
    expect([listen.port, nats, logLevel]).toEqual([3, 'nats://127.0.0.1:2', 'warn']);
  });

  test('a relative folder is relative to where it was said', () => {
    const settings = file({ open: true, data_dir: 'd' });
    expect(backendSettings(['--settings', settings], {}).dataDir).toBe(join(folder, 'd'));
    expect(backendSettings(['--open', '--data-dir', 'd'], {}).dataDir).toBe(resolve('d'));
  });

  test('programs may share the environment and the file: what is meant for another is left alone', () => {
    const settings = file({ open: true, pc_id: 'PC1', broker_listen: '127.0.0.1:4' });
    expect(backendSettings([], { KANADE_SETTINGS: settings, KANADE_PC_ID: 'x' }).open).toBe(true);
    expect(startSettings([], { KANADE_SETTINGS: settings }).brokerListen.port).toBe(4);
  });

  test.each([
    'KANADE_REQUIRE_PWSH',
    'KANADE_REQUIRE_WINE',
    'KANADE_TEST_NATS_SERVER',
  ])('%s is for the tests: the programs that they start leave it alone', (name) => {
    expect(backendSettings(['--open'], { [name]: '1' }).open).toBe(true);
  });

  test('a service is told by its installation and by policies, and a policy wins over all', () => {
    const key = (name: string, values: string[]) =>
      `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\${name}\r\n${values.map((value) => `    ${value}\r\n`).join('')}\r\n`;
    const machine = key('Kanade\\Agent', [
      'Version    REG_SZ    1.2.3',
      'Server    REG_SZ    https://one.example:8480',
      'natsurl    REG_SZ    tls://one.example:4222',
      'InventoryInterval    REG_SZ    1h',
      'EnrolmentToken    REG_SZ    ',
    ]);
    const policy = key('Policies\\Kanade\\Agent', ['Server    REG_SZ    https://two.example:8480', 'OfANewerVersion    REG_DWORD    0x1']);
    const flags = ['--service', '--pc-id', 'a', '--server', 'https://three.example', '--inventory-interval', '2h'];
    const settings = agentSettings(flags, {}, { machine, policy });
    expect(settings).toMatchObject({ server: 'https://two.example:8480', nats: 'tls://one.example:4222', inventoryInterval: 7200 });
    expect(settings.enrolmentToken).toBeUndefined();
  });

  describe('what is malformed in the registry', () => {
    const registry = (machine: string[], policy: string[]) => {
      const key = (name: string, values: string[]) =>
        `\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\${name}\r\n${values.map((value) => `    ${value}\r\n`).join('')}`;
      return { machine: key('Kanade\\Agent', machine), policy: key('Policies\\Kanade\\Agent', policy) };
    };
    const flags = ['--service', '--pc-id', 'a'];
    const good = registry(
      ['Server    REG_SZ    https://one.example'],
      ['Server    REG_SZ    https://two.example', 'ParallelRuns    REG_DWORD    0x2'],
    );
    const bad = registry(
      ['Server    REG_SZ    https://one.example'],
      ['Server    REG_SZ    two.example', 'ParallelRuns    REG_DWORD    0x0'],
    );

    test('is named and passed over at the start: a policy stops no PC', () => {
      const { settings, refused } = lookAtAgent(flags, {}, bad);
      expect(settings).toMatchObject({ server: 'https://one.example', parallelRuns: undefined });
      expect(refused.join('\n')).toMatch(/Server in HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Kanade\\Agent must be https:/);
      expect(refused.join('\n')).toMatch(/ParallelRuns in .* must be a whole number from 1 to 64, not "0"/);
      expect(refusal(() => agentSettings([...flags, '--server', 'two.example'], {})).code).toBe('setting_invalid');
    });

    test('leaves a running agent what it had, also where a file is at fault', () => {
      const before = lookAtAgent(flags, {}, good);
      const after = lookAtAgent(flags, {}, bad, before);
      expect(after.settings).toMatchObject({ server: 'https://two.example', parallelRuns: 2 });
      expect(after.refused).toHaveLength(2);
      expect(lookAtAgent([...flags, '--settings', file({ log_level: 'loud' })], {}, good, before)).toMatchObject({
        settings: { logLevel: 'info' },
        refused: [expect.stringContaining('"log_level" in')],
      });
      // What is set right counts again, and what is taken back is gone.
      expect(lookAtAgent(flags, {}, registry([], []), after)).toMatchObject({
        settings: { server: undefined, parallelRuns: undefined },
        refused: [],
      });
    });

    test('a broker beyond this machine that is not asked for by TLS', () => {
      const { settings, refused } = lookAtAgent(flags, {}, registry([], ['NatsUrl    REG_SZ    nats://10.0.0.1:4222']));
      expect([settings.nats, refused[0]]).toEqual([undefined, expect.stringContaining('it has to be tls://')]);
    });
  });

  test('limits, groups, and when updates come; each is a number, a text or a number of the registry', () => {
    const policy = [
      '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Kanade\\Agent',
      '    Groups    REG_SZ    Sales, Tokyo,Sales',
      '    OutputLimitKb    REG_DWORD    0x400',
      '    UpdateRing    REG_SZ    pilot',
      '    UpdateOnMetered    REG_DWORD    0x1',
    ].join('\r\n');
    const env = { KANADE_SETTINGS: file({ outbox_limit_mb: 100, parallel_runs: '3' }) };
    expect(agentSettings(['--pc-id=a'], env, { machine: '', policy })).toMatchObject({
      groups: ['Sales', 'Tokyo'],
      outputLimit: 1024 * 1024,
      outboxLimit: 100 * 1024 * 1024,
      parallelRuns: 3,
      updateRing: 'pilot',
      updateOnMetered: true,
    });
    expect(agentSettings(['--pc-id=a'], {})).toMatchObject({
      groups: [],
      outputLimit: OUTPUT_MAX,
      outboxLimit: 2 * 1024 ** 3,
      parallelRuns: undefined,
      updateRing: undefined,
      updateOnMetered: false,
    });
    for (const bad of [
      '--groups=a b',
      '--groups=',
      '--parallel-runs=0',
      '--parallel-runs=1.5',
      '--output-limit-kb=8193',
      '--update-on-metered=2',
    ])
      expect(refusal(() => agentSettings(['--pc-id=a', bad], {})).code, bad).toBe('setting_invalid');
  });

  test('an agent tells what each setting is and where it is from, and no secret', () => {
    const policy =
      '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Kanade\\Agent\r\n    InventoryInterval    REG_SZ    1h\r\n    Groups    REG_SZ    Sales,Tokyo';
    const env = {
      KANADE_PROXY: 'http://me:geheim@proxy.example:3128',
      KANADE_LOG_LEVEL: 'warn',
      KANADE_ENROLMENT_TOKEN: `ket_3f9a_${'A'.repeat(43)}_${'B'.repeat(43)}`,
    };
    const reported = reportedSettings(lookAtAgent(['--pc-id=a'], env, { machine: '', policy }));
    expect(reported).toEqual(
      expect.arrayContaining([
        { name: 'groups', value: ['Sales', 'Tokyo'], source: 'policy' },
        { name: 'inventory_interval', value: '1h', source: 'policy' },
        { name: 'log_level', value: 'warn', source: 'environment' },
        { name: 'pc_id', value: 'a', source: 'flag' },
        { name: 'proxy', value: 'http://proxy.example:3128', source: 'environment' },
        { name: 'server', value: null, source: 'default' },
        { name: 'outbox_limit_mb', value: '2048', source: 'default' },
      ]),
    );
    expect(JSON.stringify(reported)).not.toMatch(/geheim|ket_/);
  });

  test('a service reads the settings file of its data folder, where there is one; all else wins over that', () => {
    const dataDir = mkdtempSync(join(folder, 'service-'));
    const flags = ['--service', '--pc-id', 'a', '--data-dir', dataDir];
    expect(agentSettings(flags, {}).server).toBeUndefined();
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ server: 'https://file.example', log_level: 'warn' }));
    const machine = '\r\nHKEY_LOCAL_MACHINE\\SOFTWARE\\Kanade\\Agent\r\n    Server    REG_SZ    https://registry.example\r\n';
    expect(agentSettings(flags, {}, { machine, policy: '' })).toMatchObject({ server: 'https://registry.example', logLevel: 'warn' });
    expect(agentSettings(flags.slice(1), {}).server).toBeUndefined();
  });

  test('what is for development the settings file does not say to a service: an agent goes on without, a backend ends', () => {
    const dataDir = mkdtempSync(join(folder, 'service-'));
    const flags = ['--service', '--data-dir', dataDir];
    writeFileSync(
      join(dataDir, 'settings.json'),
      JSON.stringify({ open: true, allow_unsigned: true, nats: 'nats://127.0.0.1:1', log_level: 'warn' }),
    );
    const { settings, refused } = lookAtAgent([...flags, '--pc-id', 'a'], {});
    expect(settings).toMatchObject({ open: false, allowUnsigned: false, nats: 'nats://127.0.0.1:1', logLevel: 'warn' });
    expect(refused).toEqual(
      ['open', 'allow_unsigned'].map(
        (key) => `"${key}" in ${join(dataDir, 'settings.json')} is for development, and does not count for a service`,
      ),
    );
    expect(lookAtAgent([...flags, '--pc-id', 'a'], {}, undefined, lookAtAgent(['--pc-id', 'a'], {})).settings.open).toBe(false);
    expect(refusal(() => backendSettings(flags, {}))).toMatchObject({
      code: 'setting_invalid',
      message: expect.stringContaining('"open" in '),
    });
    expect(agentSettings([...flags, '--pc-id', 'a', '--open'], {})).toMatchObject({ open: true, allowUnsigned: false });
    writeFileSync(join(dataDir, 'settings.json'), JSON.stringify({ open: false }));
    expect(lookAtAgent([...flags, '--pc-id', 'a'], {}).refused).toEqual([]);
  });

  test('an empty variable is not set', () => {
    expect(agentSettings(['--open', '--pc-id=a'], { KANADE_NATS: '' }).nats).toBe('nats://127.0.0.1:4222');
  });

  test('the inventory is collected every four hours, as often as is said, or not at all', () => {
    expect(agentSettings(['--open', '--pc-id=a'], {}).inventoryInterval).toBe(14_400);
    expect(startSettings(['--open', '--pc-id=a', '--inventory-interval', '1h30m'], {}).inventoryInterval).toBe(5400);
    expect(agentSettings(['--open', '--pc-id=a'], { KANADE_INVENTORY_INTERVAL: 'off' }).inventoryInterval).toBeUndefined();
    for (const bad of ['4', '1m', '31d', 'never', '']) {
      expect(refusal(() => agentSettings(['--open', '--pc-id=a', `--inventory-interval=${bad}`], {})).code).toBe('setting_invalid');
    }
  });

  test('a pc_id is folded; start leaves nats open for a broker of its own', () => {
    expect(agentSettings(['--open', '--pc-id', 'pc-1'], {}).pcId).toBe('PC-1');
    expect(startSettings(['--open'], {}).nats).toBeUndefined();
  });

  test('a new admin token is asked for by flag, and by nothing that would ask for it at every start', () => {
    expect(startSettings(['--open', '--new-admin-token'], {}).newAdminToken).toBe(true);
    expect(refusal(() => backendSettings(['--open'], { KANADE_NEW_ADMIN_TOKEN: '1' })).code).toBe('setting_unknown');
    const settings = file({ open: true, new_admin_token: true });
    expect(refusal(() => backendSettings(['--settings', settings], {})).code).toBe('setting_unknown');
  });

  test('TLS: files are relative to where they were said, names are a list', () => {
    const settings = file({
      open: true,
      tls: 'on',
      tls_cert: 'a.pem',
      tls_key: 'k/b.pem',
      tls_ca: 'ca.pem',
      public_name: 'k.example.com,10.0.0.5,fd00::5',
    });
    expect(backendSettings(['--settings', settings], {}).tls).toEqual({
      mode: 'on',
      files: { cert: join(folder, 'a.pem'), key: join(folder, 'k', 'b.pem') },
      ca: join(folder, 'ca.pem'),
      publicNames: ['k.example.com', '10.0.0.5', 'fd00::5'],
    });
    expect(agentSettings(['--open', '--pc-id=a'], { KANADE_TLS_CA: 'ca.pem', KANADE_NATS: 'tls://127.0.0.1:443' })).toMatchObject({
      tlsCa: resolve('ca.pem'),
      nats: 'tls://127.0.0.1:443',
    });
  });

  test('with identities others may reach us, by TLS, and we reach a broker elsewhere by TLS alone', () => {
    expect(backendSettings(['--listen', '0.0.0.0:8480', '--nats', 'tls://10.0.0.1:4222'], {})).toMatchObject({
      listen: { host: '0.0.0.0', port: 8480 },
      nats: 'tls://10.0.0.1:4222',
    });
    expect(startSettings(['--broker-listen', '[::]:443'], {}).brokerListen).toEqual({ host: '::', port: 443 });
    for (const flag of ['--nats', '--broker-url']) {
      const refused = refusal(() => backendSettings([flag, 'tls://10.0.0.1:1,nats://10.0.0.2:4222'], {}));
      expect(refused.code).toBe('listen_not_loopback');
      expect(refused.message).toContain('nats://10.0.0.2:4222');
    }
  });

  test('settings cannot be changed afterwards', () => {
    expect(Object.isFrozen(backendSettings(['--open'], {}))).toBe(true);
  });
});

describe('what is refused, and by which name', () => {
  test('who mistypes a variable is told of those that are for admins', () => {
    const { message } = refusal(() => backendSettings(['--open'], { KANADE_LISTN: 'x' }));
    expect(message).toContain('KANADE_LISTEN');
    expect(message).toContain('KANADE_SETTINGS');
    expect(message).not.toMatch(/KANADE_(?:REQUIRE|TEST)/);
  });

  test('a secret is said to nobody, mistyped or in the wrong place', () => {
    const secret = 'Ab1_'.repeat(11).slice(1);
    const typed = [
      () => agentSettings([], { KANADE_ENROLMENT_TOKEN: `ket_3f9a_${secret}x` }),
      () => agentSettings([], { KANADE_ENROLMENT_TOKEN: `kte_3f9a_${secret}` }),
      () => agentSettings([`ket_3f9a_${secret}`], {}),
      () => agentSettings(['--server', `ket_3f9a_${secret}`], {}),
      () => agentSettings(['--nats', `nats://me:${secret}@127.0.0.1:1`], {}),
      () => agentSettings(['--nats', `nats://me:a/${secret}@127.0.0.1:1`], {}),
      () => agentSettings(['--proxy', `me:${secret}@proxy:3128`], {}),
      () => backendSettings(['--join', `kjc_3f9a_${secret}x`, '--server', 'https://a'], {}),
      () => backendSettings([`kjc_3f9a_${secret}`], {}),
    ];
    for (const settings of typed) expect(refusal(settings).message).not.toContain(secret);
    expect(refusal(typed[1]!).message).toContain('KANADE_ENROLMENT_TOKEN must be an enrolment token');
  });

  test.each([
    ['a flag of another program', ['--open', '--pc-id', 'a'], {}, 'setting_unknown', '--pc-id'],
    ['an unknown flag', ['--open', '--lisen', 'x'], {}, 'setting_unknown', '--lisen'],
    ['a word without a flag', ['open'], {}, 'setting_unknown', 'open'],
    ['an unknown variable', ['--open'], { KANADE_LISTN: 'x' }, 'setting_unknown', 'KANADE_LISTN'],
    ['a malformed flag', ['--open', '--listen', '8480'], {}, 'setting_invalid', '--listen'],
    ['a malformed variable', ['--open'], { KANADE_LOG_LEVEL: 'loud' }, 'setting_invalid', 'KANADE_LOG_LEVEL'],
    ['a forgotten value', ['--data-dir', '--open'], {}, 'setting_invalid', '--data-dir'],
    ['a switch with a value', ['--open=yes'], {}, 'setting_invalid', '--open'],
    ['another protocol', ['--open', '--nats', 'http://127.0.0.1:1'], {}, 'setting_invalid', '--nats'],
    ['a user in the broker URL', ['--open', '--nats', 'nats://u:p@127.0.0.1:1'], {}, 'setting_invalid', '--nats'],
    ['a second URL that is none', ['--open', '--nats', 'nats://127.0.0.1:1,x'], {}, 'setting_invalid', '--nats'],
    ['a certificate without its key', ['--open', '--tls-cert', 'a.pem'], {}, 'setting_invalid', '--tls-cert'],
    ['a key without its certificate', ['--open'], { KANADE_TLS_KEY: 'a.pem' }, 'setting_invalid', 'KANADE_TLS_KEY'],
    ['half TLS', ['--open', '--tls', 'off'], {}, 'setting_invalid', '--tls'],
    ['a name that no certificate can have', ['--open', '--public-name', 'a b'], {}, 'setting_invalid', '--public-name'],
    ['an address with a port', ['--open', '--public-name', 'kanade:8480'], {}, 'setting_invalid', '--public-name'],
    ['a listener for everybody', ['--open', '--listen', '0.0.0.0:8480'], {}, 'listen_not_loopback', '--listen'],
    ['a broker elsewhere', ['--open'], { KANADE_NATS: 'nats://127.0.0.1:1,nats://10.0.0.1:4222' }, 'listen_not_loopback', 'KANADE_NATS'],
  ])('%s', (_what, argv, env, code, name) => {
    const refused = refusal(() => backendSettings(argv, env));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(name);
  });

  test.each([
    ['an unknown key', { lisen: '127.0.0.1:1' }, 'setting_unknown', '"lisen"'],
    ['a malformed value', { listen: 8480 }, 'setting_invalid', '"listen"'],
    ['no object', [1], 'setting_invalid', 'JSON object'],
    ['no JSON', '{', 'setting_invalid', 'cannot be read'],
  ])('in the file: %s', (_what, content, code, name) => {
    const path = file(content);
    const refused = refusal(() => backendSettings(['--open', '--settings', path], {}));
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(name);
    expect(refused.message).toContain(path);
  });

  test('a broker that start would open to everybody', () => {
    expect(refusal(() => startSettings(['--open', '--broker-listen', '[::]:4222'], {})).code).toBe('listen_not_loopback');
  });
});

test.each(['127.0.0.1', '127.9.9.9', 'localhost', '::1', '[::1]', 'LOCALHOST'])('%s is loopback', (host) => {
  expect(isLoopback(host)).toBe(true);
});

test.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.com', 'localhost.example.com', '1127.0.0.1'])('%s is not loopback', (host) => {
  expect(isLoopback(host)).toBe(false);
});

test('listeners', () => {
  expect(parseListen('[::1]:0')).toEqual({ host: '::1', port: 0 });
  for (const bad of ['', '8480', ':8480', 'a:', 'a:70000', '::1:80', 'a b:1']) expect(parseListen(bad)).toBeUndefined();
});

test('what others can reach speaks TLS, what they cannot when it is asked to', () => {
  const [here, beyond] = [
    { host: '127.0.0.1', port: 1 },
    { host: '0.0.0.0', port: 1 },
  ];
  expect([speaksTls('auto', here), speaksTls('auto', beyond), speaksTls('on', here)]).toEqual([false, true, true]);
});

test('this machine reaches what listens everywhere by loopback', () => {
  expect(['0.0.0.0', '::', '10.0.0.5', 'localhost'].map(reachable)).toEqual(['127.0.0.1', '::1', '10.0.0.5', 'localhost']);
});

test('every line of the docs that starts a program has flags that it takes', async () => {
  const read = { backend: backendSettings, agent: agentSettings, start: startSettings };
  const [token, code] = ['ket', 'kjc'].map((kind) => `${kind}_abc_${'s'.repeat(43)}`) as [string, string];
  const lines = await documentedLines();
  expect(lines.length).toBeGreaterThan(5);
  for (const line of lines) read[line.program](line.with({ '--enrolment-token': token, '--join': code }), {});
});
