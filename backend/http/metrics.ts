import type { ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { countsSince } from '../projectors/read/counts-since.ts';
import { countDeadLetters } from '../projectors/read/said.ts';
import type { StreamStatus } from '../projectors/status.ts';
import { releaseEnds } from '../releases/release-ends.ts';
import type { HttpParts } from './context.ts';
import type { FillReader } from './fill.ts';
import type { Route } from './route.ts';

/** Milliseconds. */
const DAY = 86_400_000;

/** What /metrics shows. Gauges are read when asked for, from what the parts know anyway. */
export class Metrics {
  readonly registry = new Registry();
  readonly #durations: Histogram<'method' | 'route' | 'status'>;
  readonly #streams: Gauge;
  readonly #auditLost: Counter;

  constructor(ctx: HttpParts, fill: FillReader) {
    const registers = [this.registry];
    this.#durations = new Histogram({
      name: 'kanade_http_request_seconds',
      help: 'Time to answer, by route.',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
      registers,
    });
    this.#streams = new Gauge({ name: 'kanade_http_event_streams', help: 'Clients that listen to server-sent events.', registers });
    this.#auditLost = new Counter({
      name: 'kanade_audit_lost_total',
      help: 'Audit entries that could not be stored; the log has them.',
      registers,
    });
    addProjection(ctx, registers);
    addAgents(ctx, registers);
    addEnrolment(ctx, registers);
    addFill(fill, registers);
    addCertificates(ctx, registers);
    addReleases(ctx, registers);
    addForgeries(ctx, registers);
    const memory = { name: 'kanade_process_resident_bytes', help: 'Resident memory of the backend.', registers };
    new Gauge({
      ...memory,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  /** Counts the request when its response is through. */
  observe(route: Route, res: ServerResponse): void {
    if (route.produces?.includes('text/event-stream')) {
      this.#streams.inc();
      res.once('close', () => this.#streams.dec());
      return;
    }
    const stop = this.#durations.startTimer({ method: route.method, route: route.path });
    res.once('close', () => stop({ status: String(res.statusCode) }));
  }

  auditLost(): void {
    this.#auditLost.inc();
  }
}

const OF_A_PROJECTOR: readonly [name: string, help: string, value: (status: StreamStatus) => number][] = [
  ['lag', 'Messages not projected yet.', (s) => s.lag],
  ['sequence', 'The last message projected.', (s) => s.seq],
  ['caught_up', '1 once the projection has reached the end of the stream.', (s) => (s.caughtUp ? 1 : 0)],
];

function addProjection(ctx: HttpParts, registers: Registry[]): void {
  for (const [name, help, value] of OF_A_PROJECTOR) {
    new Gauge({
      name: `kanade_projector_${name}`,
      help,
      labelNames: ['stream'],
      registers,
      collect() {
        for (const [stream, status] of Object.entries(ctx.projection.status().streams)) this.set({ stream }, value(status));
      },
    });
  }
  new Counter({
    name: 'kanade_projector_rows_total',
    help: 'Messages projected since this process began.',
    labelNames: ['stream'],
    registers,
    collect() {
      // The projector counts; this only shows it.
      this.reset();
      for (const [stream, { rows }] of Object.entries(ctx.projection.status().streams)) this.inc({ stream }, rows);
    },
  });
  new Gauge({
    name: 'kanade_targets',
    help: 'PCs of the executions of the last 24 h, by state.',
    labelNames: ['state'],
    registers,
    collect() {
      const now = ctx.clock();
      for (const [state, n] of Object.entries(countsSince(ctx.db, now - DAY, now))) this.set({ state }, n);
    },
  });
  new Gauge({
    name: 'kanade_dead_letters',
    help: 'Messages that could not be projected.',
    registers,
    collect() {
      this.set(countDeadLetters(ctx.db));
    },
  });
}

function addAgents(ctx: HttpParts, registers: Registry[]): void {
  const help =
    'PCs by what they are: enrolled and not retired, online, with stuck files, with problems, in conflict, with an identity that is lapsed or revoked.';
  new Gauge({
    name: 'kanade_agents',
    help,
    labelNames: ['what'],
    registers,
    collect() {
      const all = ctx.agents.all().filter((agent) => agent.retired_at === null);
      const count = (what: string, holds: (agent: (typeof all)[number]) => boolean) => this.set({ what }, all.filter(holds).length);
      count('enrolled', () => true);
      count('online', (agent) => agent.online);
      count('stuck', (agent) => (agent.stuck ?? 0) > 0);
      count('problems', (agent) => agent.problems.length > 0);
      count('conflict', (agent) => agent.conflict);
      count('lapsed', (agent) => agent.identity === 'lapsed');
      count('revoked', (agent) => agent.identity === 'revoked');
    },
  });
}

function addEnrolment({ enrolment }: HttpParts, registers: Registry[]): void {
  if (enrolment === undefined) return;
  const { pending, refusals, tokens } = enrolment;
  new Gauge({
    name: 'kanade_enrolments',
    help: 'PCs that wait for an admin, and those that an admin has denied.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of ['pending', 'denied']) this.set({ state }, 0);
      for (const key of pending.keys()) {
        const entry = pending.get(key);
        if (entry && 'value' in entry) this.inc({ state: entry.value.state });
      }
    },
  });
  new Counter({
    name: 'kanade_enrolments_refused_total',
    help: 'Times that a PC came with an enrolment token in vain since this process began, by the token and why; token_id is empty for what is none of ours.',
    labelNames: ['token_id', 'code'],
    registers,
    collect() {
      this.reset();
      this.inc({ token_id: '', code: 'enrolment_token_invalid' }, refusals.unknown);
      for (const { id } of tokens.list()) for (const { code, count } of refusals.of(id)) this.inc({ token_id: id, code }, count);
    },
  });
}

function addCertificates(ctx: HttpParts, registers: Registry[]): void {
  new Gauge({
    name: 'kanade_certificate_seconds_left',
    help: 'Seconds until the certificate of the API, the broker or our own CA ends; negative when it has.',
    labelNames: ['certificate'],
    registers,
    collect() {
      for (const { what, ends } of ctx.certificates.all())
        this.set({ certificate: what }, Math.floor((ends.getTime() - Date.now()) / 1000));
    },
  });
}

function addReleases(ctx: HttpParts, registers: Registry[]): void {
  new Gauge({
    name: 'kanade_release_seconds_left',
    help: 'Seconds until the highest release of a platform ends; negative when it has, and no PC takes it any more.',
    labelNames: ['platform', 'version'],
    registers,
    collect() {
      this.reset();
      for (const { platform, version, ends } of releaseEnds(ctx.releases))
        this.set({ platform, version }, Math.floor((ends.getTime() - ctx.clock()) / 1000));
    },
  });
  new Gauge({
    name: 'kanade_release_downloads',
    help: 'Files of releases that PCs are downloading from this backend.',
    registers,
    collect() {
      this.set(ctx.downloads.open);
    },
  });
}

function addForgeries(ctx: HttpParts, registers: Registry[]): void {
  new Counter({
    name: 'kanade_forged_total',
    help: 'How often something at the broker was passed over that nobody has signed whom this backend believes.',
    labelNames: ['code', 'bucket'],
    registers,
    collect() {
      this.reset();
      for (const { code, bucket, count } of ctx.forgeries?.counts() ?? []) this.inc({ code, bucket }, count);
    },
  });
}

function addFill(fill: FillReader, registers: Registry[]): void {
  const used = { name: 'kanade_stream_bytes', help: 'Bytes a stream holds.', labelNames: ['stream'], registers } as const;
  const most = {
    name: 'kanade_stream_max_bytes',
    help: 'Bytes a stream may hold; -1 = no limit.',
    labelNames: ['stream'],
    registers,
  } as const;
  new Gauge({
    ...used,
    async collect() {
      for (const stream of (await fill.read()).streams) this.set({ stream: stream.name }, stream.bytes);
    },
  });
  new Gauge({
    ...most,
    async collect() {
      for (const stream of (await fill.read()).streams) this.set({ stream: stream.name }, stream.max_bytes);
    },
  });
  new Gauge({
    name: 'kanade_disk_free_bytes',
    help: 'Bytes left for the backend where its data folder is.',
    registers,
    async collect() {
      this.set((await fill.read()).disk.free_bytes);
    },
  });
}
