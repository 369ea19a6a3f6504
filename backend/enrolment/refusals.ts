import type { ErrorCode } from '#core/contract/errors.ts';
import { instant } from '#core/contract/time.ts';
import { Pace } from '../agents/pace.ts';

/** How often PCs were refused for one reason, and when last. */
export interface Refusal {
  /** From the error-code table. */
  code: string;
  count: number;
  last_at: string;
}

/** Milliseconds until it is told again of one PC. */
const TOLD_AGAIN = 3600_000;
/** PCs that it is told of in that time: whoever has a token that is over must not fill the store with names. */
const TOLD_MAX = 10_000;

/** Who came with which enrolment token in vain, since this process began. */
export class Refusals {
  readonly #clock: () => number;
  readonly #told: Pace;
  readonly #byToken = new Map<string, Map<ErrorCode, Refusal>>();
  #unknown = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#told = new Pace(TOLD_AGAIN, clock, { most: TOLD_MAX });
  }

  /** Of a token that there is. True when an admin is to be told that it was this PC. */
  note(token: string, code: ErrorCode, pc: string): boolean {
    const refusals = this.#byToken.get(token) ?? new Map<ErrorCode, Refusal>();
    this.#byToken.set(token, refusals);
    refusals.set(code, { code, count: (refusals.get(code)?.count ?? 0) + 1, last_at: instant(this.#clock()) });
    return this.#told.may(`${code} ${pc}`);
  }

  /** What came was none of our tokens, so that anybody may have sent it. */
  noteUnknown(): void {
    this.#unknown++;
  }

  get unknown(): number {
    return this.#unknown;
  }

  of(token: string): Refusal[] {
    return [...(this.#byToken.get(token)?.values() ?? [])];
  }
}
