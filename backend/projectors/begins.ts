import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { foldPcId, isId } from '#core/contract/ids.ts';
import { AgentEntry } from '#core/contract/registry.ts';
import { unlessForged } from '#core/contract/sealed.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvGet } from '#core/nats/direct-get.ts';

/** Since when a name is of whoever said something then; milliseconds since 1970. */
export type BeginOf = (pc: string, recorded: number) => number;

/** Milliseconds after which it is asked anew of a PC that still says too much. */
const ASK_AGAIN = 30_000;
/** PCs that are remembered: few say too much. */
const REMEMBERED = 10_000;

/** It has to be asked of the registry before the message can be judged: the transaction is to be tried again after that. */
export class BeginUnknown extends Error {
  readonly pc: string;

  constructor(pc: string) {
    super(`since when ${pc} has its name is not known`);
    this.pc = pc;
  }
}

/** Since when PCs have the names they have, asked only of those that say more than a PC may. */
export class Begins {
  readonly #mono: () => number;
  readonly #known = new Map<string, { asked: number; begins: readonly number[] }>();

  /** `mono`: milliseconds, monotonic. */
  constructor(mono: () => number) {
    this.#mono = mono;
  }

  /** Throws `BeginUnknown`. */
  readonly of: BeginOf = (pc, recorded) => {
    const known = this.#known.get(pc);
    if (known === undefined || this.#mono() - known.asked >= ASK_AGAIN) throw new BeginUnknown(pc);
    return Math.max(0, ...known.begins.filter((at) => at <= recorded));
  };

  /** `pc` as its subjects spell it. An entry that is not to be believed, or cannot be read, says nothing. */
  async ask(nats: Nats, pc: string): Promise<void> {
    const stored = isId(pc) ? await kvGet(nats, 'agents', foldPcId(pc)).catch(unlessForged) : undefined;
    const begins = stored === undefined ? [] : beginsIn(stored.value);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(pc, { asked: this.#mono(), begins });
  }
}

/** When the name was somebody's for the first time, and when it became another key's. */
function beginsIn(value: Uint8Array): number[] {
  try {
    const { first_seen, taken_over_at = [] } = decode(AgentEntry, value);
    return [first_seen, ...taken_over_at].map((at) => Date.parse(at));
  } catch (error) {
    if (error instanceof KanadeError && error.code === 'bad_message') return [];
    throw error;
  }
}
