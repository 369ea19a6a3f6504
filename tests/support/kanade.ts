import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FirstIdentity, openIdentity } from '#backend/identity/identity.ts';
import { exchange } from '#core/http/exchange.ts';
import type { AgentProcessOptions } from './agent-process.ts';
import type { BackendProcessOptions } from './backend-process.ts';
import { startTestBroker, type TestBroker, type TestBrokerOptions } from './broker.ts';
import { testTrust } from './identity.ts';
import { startProcess, type TestProcess } from './processes.ts';
import { until } from './until.ts';

// biome-ignore lint/suspicious/noExplicitAny: a test asserts on what the API answers, field by field
export type Json = any;

export interface Answer {
  status: number;
  headers: Headers;
  body: Json;
}

export interface TestKanadeOptions {
  backend?: boolean;
  broker?: TestBrokerOptions;
  /** A broker, or a cluster's servers as one, that goes with it. */
  on?: TestBroker;
  /** Not in open mode. */
  identities?: boolean;
  /** Milliseconds after which backends look at two connections with one key. */
  keyLookAfter?: number;
  /** The API is served with a certificate of its own CA. */
  tls?: boolean;
  /** What is said is signed, and agents obey nothing else, as with identities; on a broker that asks nobody who he is. */
  sealed?: boolean;
  /** A folder that is there already. */
  dir?: string;
}

/** Everything a test of the whole road needs: a broker, backends and agents as real processes, all gone at its end. */
export class TestKanade implements AsyncDisposable {
  readonly broker: TestBroker;
  readonly dir: string;
  /** Of the first backend; undefined in open mode. */
  readonly identity: FirstIdentity | undefined;
  readonly #tls: boolean;
  /** What is said is signed, and agents obey nothing else, although there are no identities. */
  readonly #sealed: boolean;
  readonly #keyLookAfter: number | undefined;
  readonly #processes: TestProcess[] = [];
  backend!: TestBackend;

  private constructor(broker: TestBroker, dir: string, identity: FirstIdentity | undefined, options: TestKanadeOptions) {
    const { tls = false, sealed = false, keyLookAfter } = options;
    this.broker = broker;
    this.dir = dir;
    this.identity = identity;
    this.#tls = tls;
    this.#sealed = sealed;
    this.#keyLookAfter = keyLookAfter;
  }

  static async start(options: TestKanadeOptions = {}): Promise<TestKanade> {
    const { identities = false, dir = await mkdtemp(join(tmpdir(), 'kanade-')) } = options;
    const identity = identities ? await openIdentity(join(dir, 'one')) : undefined;
    const config = identity && (await testTrust(identity, join(dir, 'accounts')));
    const broker = options.on ?? (await startTestBroker({ ...options.broker, ...(config === undefined ? {} : { config }) }));
    const kanade = new TestKanade(broker, dir, identity, options);
    if (options.backend !== false) kanade.backend = await kanade.startBackend();
    return kanade;
  }

  /** A backend of its own folder; the same name again is the same folder. */
  async startBackend(name = 'one', flags: string[] = []): Promise<TestBackend> {
    const dataDir = join(this.dir, name);
    const nats = this.broker.url;
    // Who asks for keys while there is no backend gets no answer.
    if (name === 'one') await rm(this.trustFile, { force: true });
    const keyLookAfter = this.#keyLookAfter;
    const bent: BackendProcessOptions = {
      dataDir,
      nats,
      newCommandKey: flags.includes('--new-command-key'),
      ...(keyLookAfter === undefined ? {} : { identities: true, keyLookAfter }),
    };
    const process =
      this.#sealed || keyLookAfter !== undefined
        ? this.process('tests/support/backend-process.ts', [JSON.stringify(bent)])
        : this.process('backend/main.ts', [
            ...(this.identity === undefined ? ['--open'] : []),
            '--data-dir',
            dataDir,
            '--listen',
            '127.0.0.1:0',
            '--nats',
            nats,
            '--log-level',
            'warn',
            ...(this.#tls ? ['--tls', 'on'] : []),
            ...flags,
          ]);
    const { url } = await process.ready;
    // The token is the first backend's; all know it by its hash.
    const token = await readFile(join(this.dir, 'one', 'admin.token'), 'utf8');
    const ca = this.#tls ? join(dataDir, 'tls', 'ca.pem') : undefined;
    const backend = new TestBackend(process, String(url), token.trim(), dataDir, ca);
    if (this.#sealed) await this.tellKeys(backend);
    return backend;
  }

  /** What agents read when they ask whom to obey, where they have no identity that says it. */
  get trustFile(): string {
    return join(this.dir, 'trusted-keys.json');
  }

  async tellKeys(backend = this.backend): Promise<void> {
    const { items } = await backend.get('/command-keys');
    const keys = items.map(({ public_key, retired_at }: Json) => ({ public_key, ...(retired_at === null ? {} : { retired_at }) }));
    await writeFile(this.trustFile, JSON.stringify(keys));
  }

  process(path: string, args: string[], env?: NodeJS.ProcessEnv): TestProcess {
    const process = startProcess(path, args, env);
    this.#processes.push(process);
    return process;
  }

  /** The real agent with what a test bends; its folder is named after the PC unless given. */
  startAgent(pcId: string, options: Partial<AgentProcessOptions> = {}, env?: NodeJS.ProcessEnv): TestProcess {
    // With identities a PC is told where the broker is.
    const nats = this.identity === undefined ? { nats: this.broker.url } : {};
    const trust = this.#sealed ? { trust: { file: this.trustFile } } : {};
    const all: AgentProcessOptions = { pcId: pcId.toUpperCase(), dataDir: this.agentDir(pcId), ...nats, ...trust, ...options };
    return this.process('tests/support/agent-process.ts', [JSON.stringify(all)], env);
  }

  agentDir(pcId: string): string {
    return join(this.dir, `agent-${pcId}`);
  }

  /** What an agent needs to get an identity: a token of its own, good for any name. */
  async identityFor(terms: Record<string, unknown> = {}): Promise<{ server: string; token: string }> {
    return { server: this.backend.url, token: await this.backend.enrolmentToken(terms) };
  }

  /** An agent that is enrolled and has drained its durable once. */
  async readyAgent(pcId: string, options: Partial<AgentProcessOptions> = {}): Promise<TestProcess> {
    // A test that gives a PC another folder has imaged it anew.
    const identity = this.identity && { identity: await this.identityFor({ replace: true }) };
    const agent = this.startAgent(pcId, { ...identity, ...options });
    await agent.ready;
    await this.backend.agentReady(pcId);
    return agent;
  }

  /** A PC that is enrolled and switched off. */
  async offAgent(pcId: string, options?: Partial<AgentProcessOptions>): Promise<void> {
    const agent = await this.readyAgent(pcId, options);
    await agent.stop();
  }

  /** A PC that waits for an admin to let it in, and is switched off. */
  async waitingAgent(pcId: string): Promise<void> {
    const agent = this.startAgent(pcId, { identity: await this.identityFor({ needs_approval: true }) });
    await until(`${pcId} waits for an admin`, async () => {
      const { items } = await this.backend.get('/enrolments?state=pending');
      return items.some((row: Json) => row.pc_id === pcId.toUpperCase());
    });
    await agent.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
    await this.broker[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true, force: true });
  }
}

export class TestBackend {
  readonly process: TestProcess;
  readonly url: string;
  readonly token: string;
  readonly dataDir: string;
  /** What its certificate is from, where it has one. */
  readonly caFile: string | undefined;

  constructor(process: TestProcess, url: string, token: string, dataDir: string, caFile?: string) {
    this.caFile = caFile;
    this.process = process;
    this.url = url;
    this.token = token;
    this.dataDir = dataDir;
  }

  async call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const sent = {
      authorization: `Bearer ${this.token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const answer = await exchange({
      method,
      url: new URL(`${this.url}/api/v1${path}`),
      headers: sent,
      body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
      ca: this.caFile === undefined ? undefined : await readFile(this.caFile, 'utf8'),
      signal: AbortSignal.timeout(120_000),
    });
    const told = new Headers(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    const json = /json/.test(told.get('content-type') ?? '') && answer.body !== '';
    return { status: answer.status, headers: told, body: json ? JSON.parse(answer.body) : answer.body };
  }

  async get(path: string): Promise<Json> {
    const { status, body } = await this.call('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** Makes an enrolment token: its text. */
  async enrolmentToken(terms: Record<string, unknown> = {}): Promise<string> {
    const { status, body } = await this.call('POST', '/enrolment-tokens', terms);
    if (status !== 201) throw new Error(`enrolment token: ${status} ${JSON.stringify(body)}`);
    return body.token;
  }

  /** Submits and gives the exec_id; fails on anything but 202. */
  async submit(request: Record<string, unknown>, headers?: Record<string, string>): Promise<string> {
    const { status, body } = await this.call('POST', '/executions', { shell: 'sh', ...request }, headers);
    if (status !== 202) throw new Error(`submit: ${status} ${JSON.stringify(body)}`);
    return body.exec_id;
  }

  async targets(execId: string): Promise<Json[]> {
    const items: Json[] = [];
    for (let cursor = ''; ; ) {
      const page = await this.get(`/executions/${execId}/targets?limit=500${cursor}`);
      items.push(...page.items);
      if (page.next === null) return items;
      cursor = `&cursor=${encodeURIComponent(page.next)}`;
    }
  }

  async target(execId: string, pcId: string): Promise<Json> {
    return (await this.targets(execId)).find((row) => row.pc_id === pcId.toUpperCase());
  }

  /** Waits until this PC's row is in one of these states, and gives it. */
  inState(execId: string, pcId: string, ...states: string[]): Promise<Json> {
    return until(`${pcId} is ${states.join(' or ')} in ${execId}`, async () => {
      const row = await this.target(execId, pcId);
      return states.includes(row?.state) ? row : Promise.reject(new Error(JSON.stringify(row)));
    });
  }

  agentReady(pcId: string): Promise<Json> {
    return until(`${pcId} is ready`, async () => {
      const agent = await this.get(`/agents/${pcId.toUpperCase()}`);
      return agent.online && agent.replay_state === 'ready' ? agent : false;
    });
  }
}
