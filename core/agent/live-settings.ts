import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { Wake } from '#core/nats/retry.ts';
import { type ReportedSetting, reportedSettings } from '#core/settings/agent-report.ts';
import type { AgentLook, AgentSettings } from '#core/settings/settings.ts';

/**
 * The settings of an agent that runs. Whoever uses one asks for it when it needs it; who has to act on a change waits for `changed`.
 * What is read anew and malformed leaves what there was, and is a problem until it is right again.
 */
export class LiveSettings {
  readonly changed = new Wake();
  readonly #read: (before?: AgentLook) => AgentLook;
  #look: AgentLook;
  /** Why the sources could not be read at all. */
  #unreadable: string | undefined;
  /** Where the log goes is one of the settings. */
  #log: Log | undefined;

  /** Throws what `read` throws. */
  constructor(read: (before?: AgentLook) => AgentLook) {
    this.#read = read;
    this.#look = read();
  }

  /** Says there what is malformed, now and from now on. */
  logTo(log: Log): void {
    this.#log = log;
    this.#sayFaults('');
  }

  get current(): AgentSettings {
    return this.#look.settings;
  }

  /** Reads them anew: somebody may have changed them. */
  look(): void {
    const before = this.#look;
    const said = this.#faults().join('\n');
    try {
      this.#look = this.#read(before);
      this.#unreadable = undefined;
    } catch (error) {
      // A file that is just being written, say.
      this.#unreadable = messageOf(error);
    }
    const changes = changedBetween(before, this.#look);
    if (changes.length > 0) this.#log?.info({ changes }, 'settings have changed');
    if (this.#sayFaults(said) || changes.length > 0) this.changed.fire();
  }

  problems(): { code: string; detail: string }[] {
    return this.#faults().map((detail) => ({ code: 'setting_invalid', detail: detail.slice(0, 4096) }));
  }

  reported(): ReportedSetting[] {
    return reportedSettings(this.#look);
  }

  /** Unless these were said before. */
  #sayFaults(said: string): boolean {
    const faults = this.#faults();
    if (faults.join('\n') === said) return false;
    if (faults.length > 0) this.#log?.warn({ code: 'setting_invalid', faults }, 'settings are malformed: what counted before goes on');
    return true;
  }

  #faults(): readonly string[] {
    return this.#unreadable === undefined ? this.#look.refused : [...this.#look.refused, this.#unreadable];
  }
}

/** By their names alone: a log shows no values that may be secrets. */
function changedBetween(before: AgentLook, now: AgentLook): string[] {
  const keys = new Set([...before.given.keys(), ...now.given.keys()]);
  return [...keys].filter((key) => {
    const [was, is] = [before.given.get(key), now.given.get(key)];
    return was?.value !== is?.value || was?.source !== is?.source;
  });
}
