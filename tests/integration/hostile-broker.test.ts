import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { tokenHash, tokenText } from '#backend/http/tokens.ts';
import { encode } from '#core/contract/codec.ts';
import { cancelledKey } from '#core/contract/control.ts';
import { NEVER, SEAL_HEADERS, SealingKey } from '#core/contract/seal.ts';
import { subjects } from '#core/contract/subjects.ts';
import { lastMessage } from '#core/nats/jetstream.ts';
import { kvPut } from '#core/nats/kv.ts';
import { evidence, settled } from '#tests/support/evidence.ts';
import { keysOf } from '#tests/support/identity.ts';
import type { Json } from '#tests/support/kanade.ts';
import { kanadeOfFile } from '#tests/support/kanade-of-file.ts';
import type { TestProcess } from '#tests/support/processes.ts';
import { command, submittedOf } from '#tests/support/projection.ts';
import { seedCommand } from '#tests/support/seed.ts';
import { until } from '#tests/support/until.ts';

/**
 * `nats` is whoever has the broker: he may publish on every subject and change every bucket and stream, and has heard
 * everything. He has no key.
 */
const { kanade, nats } = await kanadeOfFile({ sealed: true });
const foreign = SealingKey.generate();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const in1h = () => new Date(Date.now() + HOUR).toISOString();

let pc1: TestProcess;
beforeAll(async () => {
  pc1 = await kanade.readyAgent('pc1');
  await kanade.readyAgent('pc2');
  await kanade.offAgent('pc3');
});

function refused(pc: string, code: string, subject: string): Promise<Json> {
  return until(`${pc} refuses ${subject} as ${code}`, async () => {
    const { items } = await kanade.backend.get(`/events?pc=${pc}&kind=refused&limit=500`);
    return (
      items.find((event: Json) => event.code === code && event.subject === subject) ?? Promise.reject(new Error(JSON.stringify(items)))
    );
  });
}

/** The headers of a message that a backend has sealed. */
function sealIn(message: { header(name: string): string | undefined }): Record<string, string> {
  return Object.fromEntries(Object.values(SEAL_HEADERS).map((name) => [name, message.header(name)!]));
}

/** What was sealed for PC3, which is off: nobody runs it unless he takes it for his own. */
async function sealedForAnother(script: string): Promise<{ data: Uint8Array; headers: Record<string, string> }> {
  const exec = await kanade.backend.submit({ script, target: { pcs: ['pc3'] } });
  const stored = (await until('it is stored', () => lastMessage(nats, 'EXEC', subjects.commandPc('PC3', exec))))!;
  return { data: stored.data, headers: sealIn(stored) };
}

/** All that this PC has written down of what it was told, as text. */
async function ledgerOf(pc: string): Promise<string> {
  const dir = join(kanade.agentDir(pc), 'agent', 'ledger');
  const files = (await readdir(dir)).filter((name) => name.endsWith('.json'));
  // One that is done with goes while this reads.
  return (await Promise.all(files.map((name) => readFile(join(dir, name), 'utf8').catch(() => '')))).join('\n');
}

describe('a command', () => {
  test.each([
    [
      'unsigned',
      'unsigned',
      async (subject: string, script: string) => ({ subject, data: encode(command('f1', { script })), headers: {} }),
    ],
    [
      'signed by a key of his own',
      'unknown_key',
      async (subject: string, script: string) => {
        const data = encode(command('f2', { script }));
        return { subject, data, headers: foreign.seal(subject, data, in1h()) };
      },
    ],
    [
      'signed by a key of his own that he calls ours',
      'signature_invalid',
      async (subject: string, script: string) => {
        const data = encode(command('f3', { script }));
        const { headers } = await sealedForAnother('true');
        return { subject, data, headers: { ...foreign.seal(subject, data, in1h()), [SEAL_HEADERS.key]: headers[SEAL_HEADERS.key]! } };
      },
    ],
    [
      'altered',
      'signature_invalid',
      async (subject: string, script: string) => {
        const { headers } = await sealedForAnother('true');
        return { subject, data: encode(command('f4', { script })), headers };
      },
    ],
    [
      'meant for another PC',
      'signature_invalid',
      async (subject: string, script: string) => ({ subject, ...(await sealedForAnother(script)) }),
    ],
  ])('that is %s is refused, reported and not run', async (name, code, forge) => {
    const ran = evidence(kanade, name.replaceAll(' ', '-'));
    const forged = [subjects.commandPc('PC1', `${code}-${name.length}`), subjects.commandAll(`${code}-all-${name.length}`)];
    for (const subject of forged) {
      const { data, headers } = await forge(subject, ran.line);
      await nats.publishStored(subject, data, { headers });
      await refused('pc1', code, subject);
    }
    for (const pc of ['pc1', 'pc2']) {
      await settled(kanade, pc);
      for (const subject of forged) expect(await ledgerOf(pc)).not.toContain(subject);
    }
    expect(await ran.runs()).toBe(0);
  });

  test.each([
    ['and was over long ago', 'signature_expired', { issued_at: -20 * DAY, expires_at: -10 * DAY }],
    ['and would count for too long', 'signature_too_long', { issued_at: 0, expires_at: 30 * DAY }],
    ['and is of tomorrow', 'signature_too_long', { issued_at: DAY, expires_at: 2 * DAY }],
  ])('that is signed by a backend %s is refused, reported and not run', async (_, code, times) => {
    const ran = evidence(kanade, `times-${times.issued_at}`);
    const [issued_at, expires_at] = [times.issued_at, times.expires_at].map((ms) => new Date(Date.now() + ms).toISOString());
    const exec = `times${times.issued_at}`;
    const subject = subjects.commandPc('PC1', exec);
    const data = encode(command(exec, { script: ran.line, issued_at: issued_at!, expires_at: expires_at! }));
    await nats.publishStored(subject, data, { headers: (await keysOf(kanade.backend)).sign(subject, data, undefined)! });
    await refused('pc1', code, subject);
    await settled(kanade, 'pc1');
    expect(await ran.runs()).toBe(0);
  });

  test('that is genuine and comes again does not run again: not at once, and not after a restart', async () => {
    const ran = evidence(kanade, 'again');
    const exec = await kanade.backend.submit({ script: ran.line, target: { pcs: ['pc1'] } });
    await kanade.backend.inState(exec, 'pc1', 'succeeded');
    expect(await ledgerOf('pc1')).toContain(subjects.commandPc('PC1', exec));
    const subject = subjects.commandPc('PC1', exec);
    const genuine = (await lastMessage(nats, 'EXEC', subject))!;
    const [data, headers] = [genuine.data, sealIn(genuine)];
    const again = () => nats.publishStored(subject, data, { headers });
    await again();
    await settled(kanade, 'pc1');
    await pc1.stop();
    await again();
    pc1 = await kanade.readyAgent('pc1');
    await again();
    await settled(kanade, 'pc1');
    expect(await ran.runs()).toBe(1);
    // Under another name it is not what was signed.
    const other = subjects.commandPc('PC1', `${exec}-again`);
    await nats.publishStored(other, data, { headers });
    await refused('pc1', 'signature_invalid', other);
    expect(await ran.runs()).toBe(1);
  });

  test('of the seeds is refused in each of their forms, and one for a PC in another spelling gets no seal on its way', async () => {
    await kanade.backend.call('PUT', '/agents/pc1/groups', { groups: ['lab'] });
    const ran = evidence(kanade, 'seeds');
    for (const subject of ['commands.pc.PC1', 'commands.all', 'commands.pc.pc1']) {
      await nats.publishStored(subject, encode(seedCommand(ran.line)));
      await refused('pc1', 'unsigned', subject.toUpperCase() === 'COMMANDS.PC.PC1' ? 'commands.pc.PC1' : subject);
    }
    await nats.publishStored('commands.group.lab', encode(seedCommand(ran.line)));
    await kanade.backend.call('POST', '/freeze');
    await kanade.broker.restart();
    await kanade.backend.agentReady('pc1');
    await refused('pc1', 'unsigned', 'commands.group.lab');
    await settled(kanade, 'pc1');
    expect(await ran.runs()).toBe(0);
  });
});

describe('a command that a backend has signed and that came too late', () => {
  /** By the backend's own key, as it was when the seal had not run out yet. */
  async function ended(exec: string, script: string, expires: number): Promise<string> {
    const { own } = JSON.parse(await readFile(join(kanade.backend.dataDir, 'identity', 'command-keys.json'), 'utf8'));
    const key = SealingKey.fromPem(own.at(-1).private_key);
    const subject = subjects.commandPc('PC1', exec);
    const data = encode(command(exec, { script, expires_at: new Date(expires).toISOString() }));
    await nats.publishStored(subject, data, { headers: key.seal(subject, data, new Date(Date.now() - 60_000).toISOString()) });
    return subject;
  }

  test('is skipped as expired, and refused when its words claim that it is not over', async () => {
    const ran = evidence(kanade, 'too-late');
    const results = new Map<string, Json>();
    const wire = nats.subscribe('results.*.PC1', (m) =>
      results.set(m.subject.split('.')[1]!, JSON.parse(new TextDecoder().decode(m.data))),
    );
    await ended('over', ran.line, Date.now() - 60_000);
    const claiming = await ended('claims', ran.line, Date.now() + HOUR);
    await refused('pc1', 'signature_expired', claiming);
    const result = await until('the other one has ended', () => results.get('over'));
    expect(result).toMatchObject({ outcome: 'skipped', reason: 'expired' });
    await settled(kanade, 'pc1');
    wire.unsubscribe();
    expect(results.has('claims')).toBe(false);
    expect(
      (await kanade.backend.get('/events?pc=pc1&kind=refused&limit=500')).items.filter(({ exec_id }: Json) => exec_id === 'over'),
    ).toEqual([]);
    expect(await ran.runs()).toBe(0);
  });
});

describe('to a PC', () => {
  const running = async () => {
    const exec = await kanade.backend.submit({ script: 'sleep 100', target: { pcs: ['pc1'] } });
    await kanade.backend.inState(exec, 'pc1', 'running');
    return exec;
  };

  test('a sync of his own retires nobody, and what else he asks is not answered', async () => {
    const sync = { now: new Date().toISOString(), enrolled_at: new Date().toISOString(), epoch: 'x', refused: 'retired' };
    const bytes = encode(sync);
    nats.publish(subjects.control('PC1', 'sync'), bytes);
    await refused('pc1', 'unsigned', subjects.control('PC1', 'sync'));
    for (const verb of ['logs', 'ping', 'tail', 'inventory'] as const) {
      const body = encode({ max_bytes: 1000 });
      const asked = nats.request(subjects.control('PC1', verb), body, { timeout: 500, reply: subjects.reply('PC1', verb) });
      await expect(asked).rejects.toThrow(/no answer/);
      await refused('pc1', 'unsigned', subjects.control('PC1', verb));
    }
    await settled(kanade, 'pc1');
  });

  test('what was said to another PC is not obeyed', async () => {
    const heard = Promise.withResolvers<{ data: Uint8Array; headers: Record<string, string> }>();
    const wire = nats.subscribe(subjects.control('PC1', 'sync'), (m) => heard.resolve({ data: m.data, headers: sealIn(m) }));
    await kanade.backend.call('PUT', '/freeze', {});
    await kanade.backend.call('DELETE', '/freeze');
    const { data, headers } = await heard.promise;
    wire.unsubscribe();
    const other = subjects.control('PC2', 'sync');
    await nats.request(other, data, { headers, timeout: 300 }).catch(() => {});
    await refused('pc2', 'signature_invalid', other);
    await settled(kanade, 'pc2');
  });

  test('a forged cancellation ends nothing that runs, and the real one does', async () => {
    const exec = await running();
    const entry = encode({ at: new Date().toISOString(), actor: 'admin', reason: null });
    for (const key of [cancelledKey(exec), cancelledKey(exec, 'PC1')]) await kvPut(nats, 'cancelled', key, entry);
    // The PC reads it as soon as anything is changed.
    await kanade.backend.call('PUT', '/freeze', {});
    await kanade.backend.call('DELETE', '/freeze');
    await refused('pc1', 'unsigned', `$KV.cancelled.${cancelledKey(exec)}`);
    expect((await kanade.backend.target(exec, 'pc1')).state).toBe('running');
    // His other entry is still there, and takes nothing from it.
    expect((await kanade.backend.call('POST', `/executions/${exec}/cancel`, { pcs: ['pc1'] })).status).toBe(200);
    await kanade.backend.inState(exec, 'pc1', 'killed');
  });

  test('a forged revocation is no answer to a PC, and to a backend reason enough to send nothing', async () => {
    const { backend } = kanade;
    const job = { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'true', timeout: '60s' } };
    await backend.call('PUT', '/jobs/tidy', job);
    const begun = join(kanade.dir, 'begun');
    const script = `touch ${begun}; sleep 2`;
    const send = async () => (await backend.call('POST', '/executions', { job_id: 'tidy', target: { pcs: ['pc1'] } })).body;
    await backend.call('PUT', '/jobs/tidy', { ...job, execute: { ...job.execute, script } });
    const { exec_id: before } = await send();
    await until('it runs', () => existsSync(begun));
    await kvPut(nats, 'script_status', 'tidy', new TextEncoder().encode('ACTIVE'));
    expect(await send()).toMatchObject({ status: 409, code: 'unsigned' });
    expect((await backend.call('GET', '/jobs/tidy')).headers.get('x-kanade-status')).toBe('REVOKED');
    await backend.inState(before, 'pc1', 'succeeded');
    await backend.call('POST', '/jobs/tidy/unrevoke');
    const { exec_id: after } = await send();
    await backend.inState(after, 'pc1', 'succeeded');
  });

  test('while the version that may run is forged nothing of that job starts; put right, what waited runs', async () => {
    const { backend } = kanade;
    await kvPut(nats, 'script_current', 'tidy', new TextEncoder().encode('2'));
    await backend.call('PUT', '/freeze', {});
    await backend.call('DELETE', '/freeze');
    const { exec_id: exec } = (await backend.call('POST', '/executions', { job_id: 'tidy', target: { pcs: ['pc1'] } })).body;
    await refused('pc1', 'unsigned', '$KV.script_current.tidy');
    await settled(kanade, 'pc2');
    expect((await backend.target(exec, 'pc1')).state).toBe('queued');
    const job = { id: 'tidy', version: '1', execute: { shell: 'sh', script: 'true', timeout: '60s' } };
    expect((await backend.call('PUT', '/jobs/tidy', job)).status).toBe(200);
    await backend.inState(exec, 'pc1', 'succeeded');
  });

  test('a forged freeze holds nothing back for good, nor does a real one end by a forged deletion', async () => {
    const { backend } = kanade;
    await backend.call('PUT', '/freeze', { reason: 'real' });
    await nats.publishStored('$KV.config.freeze', new Uint8Array(), { headers: { 'KV-Operation': 'DEL' } });
    await settled(kanade, 'pc1');
    expect((await backend.get('/freeze')).frozen).toBe(true);
    expect((await backend.call('DELETE', '/freeze')).status).toBe(204);
    expect((await backend.get('/freeze')).frozen).toBe(false);
    // A value that was signed is not made a deletion by a header, nor the other way round.
    const marker = (await lastMessage(nats, 'KV_config', '$KV.config.freeze'))!;
    expect(marker.header('KV-Operation')).toBe('DEL');
    await nats.publishStored('$KV.config.freeze', marker.data, { headers: sealIn(marker) });
    await until('it is seen', async () => (await backend.get('/freeze')).frozen);
    await backend.call('DELETE', '/freeze');
  });
});

describe('to a backend', () => {
  test('a forged submission is not sent to anybody and is a dead letter', async () => {
    const ran = evidence(kanade, 'submission');
    const exec = 'forged-submission';
    await nats.publishStored(subjects.submitted(exec), encode(submittedOf(exec, ['PC1'], { command: { script: ran.line } })));
    const body = encode(submittedOf('signed-by-him', ['PC1'], { command: { script: ran.line } }));
    const subject = subjects.submitted('signed-by-him');
    await nats.publishStored(subject, body, { headers: foreign.seal(subject, body, NEVER) });
    const letters = await until('they are dead letters', async () => {
      const { items } = await kanade.backend.get('/dead-letters?stream=EXECUTIONS');
      return items.length >= 2 && items;
    });
    expect(letters.map(({ subject, code }: Json) => [subject, code])).toEqual([
      [subject, 'unknown_key'],
      [subjects.submitted(exec), 'unsigned'],
    ]);
    expect((await kanade.backend.call('GET', `/executions/${exec}`)).status).not.toBe(200);
    expect((await kanade.backend.call('POST', `/executions/${exec}/rerun`, { states: ['queued'] })).status).not.toBe(202);
    await settled(kanade, 'pc1');
    expect(await lastMessage(nats, 'EXEC', subjects.commandPc('PC1', exec))).toBeUndefined();
    expect(await ran.runs()).toBe(0);
  });

  test('a forged cancellation or loss changes no row', async () => {
    const exec = await kanade.backend.submit({ script: 'sleep 5', target: { pcs: ['pc1'] } });
    await kanade.backend.inState(exec, 'pc1', 'running');
    const at = new Date().toISOString();
    await nats.publishStored(subjects.cancelled(exec), encode({ exec_id: exec, actor: 'admin', at }));
    await nats.publishStored(subjects.lost(exec), encode({ exec_id: exec, at, list: { pcs: ['PC1'] }, reason: 'no_answer' }));
    await kanade.backend.inState(exec, 'pc1', 'succeeded');
    expect((await kanade.backend.get(`/executions/${exec}`)).cancelled_at ?? null).toBeNull();
  });

  test('a token that he writes opens nothing, and the real ones go on opening', async () => {
    const text = tokenText('evil', Buffer.alloc(32, 7));
    const entry = { id: 'evil', name: 'evil', hash: tokenHash(text), role: 'admin', created_at: new Date().toISOString() };
    await kvPut(nats, 'accounts', 'token.evil', encode(entry));
    const admin = { ...entry, id: 'admin', hash: tokenHash(tokenText('admin', Buffer.alloc(32, 7))) };
    await kvPut(nats, 'accounts', 'token.admin', encode(admin));
    const status = async (token: string) =>
      (await fetch(`${kanade.backend.url}/api/v1/agents`, { headers: { authorization: `Bearer ${token}` } })).status;
    await settled(kanade, 'pc1');
    expect([await status(text), await status(tokenText('admin', Buffer.alloc(32, 7))), await status(kanade.backend.token)]).toEqual([
      401, 401, 200,
    ]);
  });

  test('a schedule or job that he writes fires nothing, and an admin puts it right by putting it again', async () => {
    const { backend } = kanade;
    const [ran, meant] = [evidence(kanade, 'forged-schedule'), evidence(kanade, 'real-schedule')];
    const job = (id: string, script: string) => ({ id, version: '1', execute: { shell: 'sh', script, timeout: '60s' } });
    const once = (id: string, job_id: string) => ({ id, job_id, target: { pcs: ['PC1'] }, when: { per_pc: 'once' } });
    const at = new Date().toISOString();
    const who = { source: null, updated_at: at, updated_by: 'admin' };
    await kvPut(nats, 'jobs', 'evil', encode({ manifest: job('evil', ran.line), ...who }));
    await backend.call('PUT', '/jobs/waits', job('waits', ran.line));
    await kvPut(nats, 'schedules', 'evil', encode({ schedule: once('evil', 'waits'), changed_at: at, ...who }));
    expect((await backend.call('POST', '/executions', { job_id: 'evil', target: { pcs: ['pc1'] } })).body.code).toBe('unsigned');
    expect((await backend.get('/jobs')).items.map(({ id }: Json) => id)).toEqual(['tidy', 'waits']);
    expect((await backend.call('GET', '/schedules/evil')).status).toBe(409);
    // One that an admin makes after it and is due as well has had its turn, which comes with the next minute.
    await backend.call('PUT', '/jobs/meant', job('meant', meant.line));
    expect(await backend.call('PUT', '/schedules/meant', once('meant', 'meant'))).toMatchObject({ status: 201 });
    await until('what is genuine has fired', async () => (await meant.runs()) === 1, 90_000);
    await settled(kanade, 'pc1');
    expect(await ran.runs()).toBe(0);
    expect((await backend.call('PUT', '/jobs/evil', job('evil', 'true'))).status).toBeLessThan(300);
    expect((await backend.get('/jobs/evil')).execute.script).toBe('true');
    expect((await backend.call('PUT', '/schedules/evil', once('evil', 'waits'))).status).toBeLessThan(300);
    expect((await backend.get('/schedules/evil')).job_id).toBe('waits');
  });

  test('admins and monitoring are told of what is passed over, once a minute for each value', async () => {
    const { backend } = kanade;
    const count = async (labels: string) => {
      const text = await (await fetch(`${backend.url}/metrics`)).text();
      return Number(new RegExp(`^kanade_forged_total\\{${labels}\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const labels = 'code="unsigned",bucket="rollouts"';
    expect(await count(labels)).toBe(0);
    for (let n = 0; n < 5; n++) await kvPut(nats, 'rollouts', 'evil', encode({ n }));
    const subject = '$KV.rollouts.evil';
    const events = async () =>
      (await backend.get('/events?kind=forged&limit=500')).items.filter((event: Json) => event.subject === subject);
    await until('the event is there', async () => (await events()).length > 0);
    // Of five at once the broker may tell the last alone.
    await until('it is counted', async () => (await count(labels)) > 0);
    expect(await events()).toEqual([expect.objectContaining({ code: 'unsigned', pc_id: expect.stringMatching(/^BACKEND_/) })]);
    // Of submissions too.
    const all = (await backend.get('/events?kind=forged&limit=500')).items;
    expect(all).toContainEqual(expect.objectContaining({ subject: subjects.submitted('forged-submission'), code: 'unsigned' }));
  });

  test('a PC whose entry he writes is not addressed', async () => {
    const entry = {
      pc_id: 'EVIL',
      enrolled_at: '2020-01-01T00:00:00Z',
      first_seen: '2020-01-01T00:00:00Z',
      last_seen: '2020-01-01T00:00:00Z',
    };
    await kvPut(nats, 'agents', 'EVIL', encode(entry));
    await settled(kanade, 'pc1');
    const { status, body } = await kanade.backend.call('POST', '/executions', { shell: 'sh', script: 'true', target: { pcs: ['evil'] } });
    expect([status, body.code]).toEqual([422, 'unknown_pc']);
  });

  test('what is forged is still forged to a backend that starts anew', async () => {
    await kanade.backend.process.stop();
    kanade.backend = await kanade.startBackend();
    await kanade.backend.agentReady('pc1');
    const { items } = await kanade.backend.get('/agents');
    expect(items.map(({ pc_id }: Json) => pc_id)).toEqual(['PC1', 'PC2', 'PC3']);
    expect(existsSync(join(kanade.dir, 'one', 'admin.token'))).toBe(true);
    await settled(kanade, 'pc1');
  });
});
