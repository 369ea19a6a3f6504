import type { IncomingMessage } from 'node:http';
import type { HttpLimits } from './limits.ts';

/** How long each request may still take to be there. */
export class RequestPatience {
  readonly #limits: Pick<HttpLimits, 'request' | 'upload'>;
  readonly #timers = new WeakMap<IncomingMessage, NodeJS.Timeout>();

  constructor(limits: Pick<HttpLimits, 'request' | 'upload'>) {
    this.#limits = limits;
  }

  /** Cuts it when it takes too long. */
  begin(req: IncomingMessage): void {
    this.#cutAfter(req, this.#limits.request);
    req.once('close', () => clearTimeout(this.#timers.get(req)));
  }

  /** It is an upload of somebody who may send one. */
  extend(req: IncomingMessage): void {
    clearTimeout(this.#timers.get(req));
    this.#cutAfter(req, this.#limits.upload);
  }

  #cutAfter(req: IncomingMessage, patience: number): void {
    const timer = setTimeout(() => {
      // The answer may take as long as it likes.
      if (!req.complete) req.destroy();
    }, patience);
    this.#timers.set(req, timer.unref());
  }
}
