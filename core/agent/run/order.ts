/** Lets those who entered go one after another, in the order in which they entered. */
export function awaitTurn() {
  const line: { leave: () => void; first: PromiseWithResolvers<void> }[] = [];
  const next = () => line[0]?.first.resolve();

  return {
    /** Takes a place at the end of the line; the function gives it up, and is harmless when called again. */
    enter(): () => void {
      const first = Promise.withResolvers<void>();
      const leave = () => {
        const at = line.findIndex((place) => place.leave === leave);
        if (at < 0) return;
        line.splice(at, 1);
        // Whoever gave up the place waits for nobody any more.
        first.resolve();
        next();
      };
      line.push({ leave, first });
      next();
      return leave;
    },

    /** Resolves once everybody who entered before has left. `leave` is what `enter` gave. */
    async myTurn(leave: () => void, signal: AbortSignal): Promise<void> {
      const place = line.find((one) => one.leave === leave);
      if (place === undefined) return;
      const aborted = Promise.withResolvers<void>();
      const abort = () => aborted.reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      try {
        if (signal.aborted) throw signal.reason;
        await Promise.race([place.first.promise, aborted.promise]);
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
