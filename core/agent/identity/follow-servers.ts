import { sleepOrWake, type Wake, withJitter } from '#core/nats/retry.ts';

export interface FollowOptions {
  /** Where the broker was when the agent connected, and where the server says that it is now. */
  connectedTo: string;
  told: () => string | undefined;
  connected: () => boolean;
  /** Asks the server. */
  ask: () => void;
  /** Whether this PC's own settings name another place by now, and nothing of it is in the way. */
  moved: () => boolean;
  /** Fires when that may be otherwise. */
  settingsChanged: Wake;
  beginAnew: () => void;
  /** Milliseconds, monotonic. */
  mono: () => number;
  random: () => number;
  /** Milliseconds without the broker after which the server is asked where it is; and between two looks. */
  patience?: number;
  every?: number;
}

const PATIENCE = 300_000;
const LOOK_EVERY = 30_000;

/**
 * A broker that has moved says nothing: when it is away for minutes the server is asked, and when that names another place the agent is
 * put together again, there. Not while it is connected: scripts that run would be ended. What the settings of this PC say it follows also
 * then, as soon as no script runs.
 */
export async function followServers(o: FollowOptions, signal: AbortSignal): Promise<void> {
  const { patience = PATIENCE, every = LOOK_EVERY, mono, random } = o;
  let seenAt = mono();
  while (!signal.aborted) {
    await sleepOrWake(withJitter(every, random), o.settingsChanged, signal).catch(() => {});
    if (signal.aborted) return;
    const connected = o.connected();
    if (connected) seenAt = mono();
    if (o.moved() || (!connected && o.told() !== o.connectedTo)) o.beginAnew();
    else if (mono() - seenAt > patience) {
      o.ask();
      seenAt = mono();
    }
  }
}
