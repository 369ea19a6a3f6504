import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { ROOT } from './root.mjs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'];
const POLL_MS = 500;

/**
 * Runs programs one after the other, each in a process group of its own and with a channel that closes when this process
 * ends, however it ends. Whoever tells us to stop tells the program; npm and its shell die on SIGTERM without a word to us,
 * so a parent that is gone counts as being told, too.
 */
export class Launcher {
  #child;
  #told;
  #parent = process.ppid;
  #watch = setInterval(() => this.#lookAtParent(), POLL_MS);

  constructor() {
    this.#watch.unref();
    for (const name of SIGNALS) process.on(name, () => this.#tell(name));
  }

  /** Runs `file` to its end with our output; resolves with its exit code. Nothing is started any more once we were told to stop. */
  run(file, args) {
    if (this.#told !== undefined) return Promise.resolve(exitCode(null, this.#told));
    return new Promise((resolve) => {
      const child = spawn(file, args, {
        cwd: ROOT,
        // A group in the background cannot read the terminal, and nothing here asks for anything.
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        detached: true,
        windowsHide: true,
      });
      this.#child = child;
      child.on('error', (error) => {
        console.error(`${file} cannot be started: ${error.message}`);
        resolve(1);
      });
      child.on('exit', (code, signal) => {
        this.#child = undefined;
        resolve(exitCode(code, signal));
      });
    });
  }

  stop() {
    clearInterval(this.#watch);
  }

  #tell(name) {
    this.#told = name;
    const child = this.#child;
    if (child === undefined || child.pid === undefined) return;
    // Windows has no signals: there the closed channel says it.
    if (process.platform === 'win32') {
      if (child.connected) child.disconnect();
      return;
    }
    try {
      process.kill(-child.pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error; // it has ended meanwhile
    }
  }

  #lookAtParent() {
    if (this.#told === undefined && !this.#parentIsThere()) this.#tell('SIGTERM');
  }

  #parentIsThere() {
    if (process.ppid !== this.#parent) return false;
    if (process.platform !== 'win32') return true;
    try {
      return process.kill(this.#parent, 0);
    } catch (error) {
      return error.code === 'EPERM'; // there, but somebody else's
    }
  }
}

function exitCode(code, signal) {
  return code === null ? 128 + (constants.signals[signal] || 0) : code;
}
