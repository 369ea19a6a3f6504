import { foldPcId, isId } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { FULL_CODES } from '#core/contract/quota.ts';
import type { Nats } from '#core/nats/connection.ts';
import { Pace } from '../agents/pace.ts';
import { sayAgentEvent } from '../agents/say-agent-event.ts';

/** An event of each PC and stream in so many milliseconds: more of the same tell nobody anything. */
const SAY_AGAIN = 3_600_000;

/** Tells that a PC says more than a PC may. */
export class OverQuota {
  readonly #p: { nats: Nats; clock: () => number; log: Log };
  readonly #pace: Pace;

  constructor(parts: { nats: Nats; clock: () => number; log: Log }) {
    this.#p = parts;
    this.#pace = new Pace(SAY_AGAIN, parts.clock);
  }

  /** `pc` as its subjects spell it; `removed` messages of it went out of `stream`. */
  async say(stream: keyof typeof FULL_CODES, pc: string, removed: number): Promise<void> {
    const { nats, clock, log } = this.#p;
    log.warn({ pc, stream, removed }, 'a PC has more in a stream than a PC may: what is too much was removed');
    if (!isId(pc) || !this.#pace.may(`${stream} ${pc}`)) return;
    const detail = `it has more in ${stream} than a PC may: ${removed} messages were removed, and more of them is not told for an hour`;
    await sayAgentEvent(nats, clock, foldPcId(pc), 'over_quota', { code: FULL_CODES[stream], detail });
  }
}
