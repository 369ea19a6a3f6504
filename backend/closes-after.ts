/** Milliseconds that a backend that stops leaves its broker to answer: in order that takes none, and a broker may be gone by then. */
export const CLOSES_AFTER = 3000;
