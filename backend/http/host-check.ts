import { KanadeError } from '#core/contract/errors.ts';

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i;

/**
 * Against DNS rebinding: a page in the admin's browser can make its own name point here, but it cannot make the browser
 * send another Host header.
 */
export function checkLoopbackHost(host: string | undefined): void {
  if (host === undefined || !LOOPBACK.test(host)) {
    throw new KanadeError('wrong_host', `this server answers to localhost, 127.0.0.1 and [::1] only, not to ${JSON.stringify(host ?? '')}`);
  }
}
