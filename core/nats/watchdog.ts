import { createConnection } from 'node:net';

export interface WatchdogOptions {
  /** Bytes of messages received so far. An idle connection receives none for hours: the library does not count pongs. */
  bytesReceived: () => number;
  /** Resolves when the broker has answered. */
  ping: () => Promise<void>;
  connected: () => boolean;
  reconnect: () => Promise<void>;
  servers: string;
  /** Milliseconds, monotonic. */
  mono: () => number;
  /** Milliseconds of the wall clock. */
  wall: () => number;
  log: { warn(o: object, m: string): void };
}

const LOOK_EVERY = 5000;
/** More than this between two looks means that the machine slept. */
const SLEPT = 30_000;
/** After this long without a message the broker is asked for a sign of life. */
const ASK_AFTER = 30_000;
/** This long without a sign of life means a dead link. */
const SILENT = 90_000;
/** After this long the process is worth more dead, if the broker answers others. */
const HOPELESS = 180_000;

/**
 * Looks after one connection from outside. After a sleep of the machine it reconnects at once instead of waiting for
 * pings to fail; after 90 s without a message or an answer on a connection that calls itself up it reconnects; after 180 s
 * without any, while a fresh TCP connection gets the broker's greeting, it gives up on this process (`dead`).
 */
export class Watchdog {
  readonly dead: Promise<string>;
  readonly #options: WatchdogOptions;
  readonly #timer: NodeJS.Timeout;
  #die!: (why: string) => void;
  #lastBytes = 0;
  #lastSignAt: number;
  #asked = false;
  #lastMono: number;
  #lastWall: number;
  #retriedSilence = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    this.#lastSignAt = options.mono();
    this.#lastMono = options.mono();
    this.#lastWall = options.wall();
    this.dead = new Promise((resolve) => {
      this.#die = resolve;
    });
    this.#timer = setInterval(() => void this.#look(), LOOK_EVERY);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    const { bytesReceived, connected, log, mono, wall } = this.#options;
    const now = mono();
    const passed = Math.max(now - this.#lastMono, wall() - this.#lastWall);
    this.#lastMono = now;
    this.#lastWall = wall();
    if (bytesReceived() !== this.#lastBytes) {
      this.#lastBytes = bytesReceived();
      this.#alive();
    }
    if (passed > SLEPT) {
      log.warn({ seconds: Math.round(passed / 1000) }, 'the clock jumped: the machine slept, reconnecting');
      this.#lastSignAt = now;
      await this.#reconnect();
      return;
    }
    const silent = now - this.#lastSignAt;
    if (silent > ASK_AFTER) void this.#ask();
    if (silent > HOPELESS && (await brokerGreets(this.#options.servers))) {
      this.#die(`no sign of life for ${Math.round(silent / 1000)} s while the broker answers others`);
    } else if (silent > SILENT && connected() && !this.#retriedSilence) {
      this.#retriedSilence = true;
      log.warn({ seconds: Math.round(silent / 1000) }, 'no sign of life from the broker: reconnecting');
      await this.#reconnect();
    }
  }

  /** One question at a time: on a link that is dead and calls itself up it stays open until the library gives the link up. */
  async #ask(): Promise<void> {
    if (this.#asked) return;
    this.#asked = true;
    try {
      await this.#options.ping();
      this.#alive();
    } catch {
      // Not answered, because the connection was lost: whoever has lost it says so.
    } finally {
      this.#asked = false;
    }
  }

  #alive(): void {
    this.#lastSignAt = this.#options.mono();
    this.#retriedSilence = false;
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#options.reconnect();
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'reconnecting was refused: the client is reconnecting already');
    }
  }
}

/** Whether any of the servers sends its INFO greeting to a fresh TCP connection within 5 s. */
export async function brokerGreets(servers: string): Promise<boolean> {
  const greetings = servers.split(',').map((server) => greets(server));
  return (await Promise.all(greetings)).some(Boolean);
}

function greets(server: string): Promise<boolean> {
  const url = new URL(server.includes('://') ? server : `nats://${server}`);
  return new Promise((resolve) => {
    const socket = createConnection({ host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 4222) });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(5000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => resolve(false));
    socket.once('data', (data) => done(data.toString('latin1').startsWith('INFO ')));
  });
}
