import { KanadeError } from '#core/contract/errors.ts';
import type { InventoryFault, Section } from '#core/contract/inventory.ts';
import type { InventorySource, Reading, Support } from './inventory-source.ts';
import { type Answer, PowershellSession, type SessionDeps, shortly } from './powershell-session.ts';
import { readSectionMessage, readSupport } from './section-message.ts';

export interface PowershellSourceDeps extends SessionDeps {
  limits?: Partial<SourceLimits>;
}

/** Milliseconds, and bytes. */
export interface SourceLimits {
  /** What PowerShell itself may take for a section, and how much longer it is waited for before it is ended. */
  section: number;
  grace: number;
  /** How long PowerShell stays when nobody asks it anything. */
  idle: number;
  /** A PowerShell that holds more is ended after its answer. */
  workingSet: number;
}

const LIMITS: SourceLimits = { section: 60_000, grace: 30_000, idle: 60_000, workingSet: 256 * 1024 * 1024 };

/**
 * Reads the sections of this PC through the PowerShell module, in one session for as many as are asked for. Whatever goes
 * wrong with a section ends the session and is that section's fault; the next one is asked in a new session.
 */
export class PowershellSource implements InventorySource {
  readonly #deps: SessionDeps;
  readonly #limits: SourceLimits;
  #session: PowershellSession | undefined;
  #idle: NodeJS.Timeout | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor({ limits, ...deps }: PowershellSourceDeps) {
    this.#deps = deps;
    this.#limits = { ...LIMITS, ...limits };
  }

  async sections(signal: AbortSignal): Promise<Support> {
    const answer = await this.#ask('Get-KanadeInventorySupport', signal);
    if ('missing' in answer || 'problem' in answer) return answer;
    if ('lost' in answer) return { problem: answer.why };
    try {
      return { sections: readSupport(answer.stdout) };
    } catch (error) {
      return { problem: this.#notUnderstood(answer, error) };
    }
  }

  async read(section: Section, signal: AbortSignal): Promise<Reading | { problem: string }> {
    const fault = (code: InventoryFault['code'], message: string): Reading => ({
      data: null,
      faults: [{ source: section, code, message }],
    });
    const seconds = Math.ceil(this.#limits.section / 1000);
    const answer = await this.#ask(`Get-KanadeInventoryMessage -Section '${section}' -TimeoutSec ${seconds}`, signal);
    if ('missing' in answer) return { problem: answer.missing };
    if ('problem' in answer) return answer;
    if ('lost' in answer) return fault(answer.lost, answer.why);
    try {
      const { data, faults, working_set } = readSectionMessage(section, answer.stdout);
      if (working_set > this.#limits.workingSet) this.#end();
      return { data, faults };
    } catch (error) {
      return fault('failed', this.#notUnderstood(answer, error));
    }
  }

  async close(): Promise<void> {
    this.#end();
    await this.#closing;
  }

  /** `call` holds names of ours only; the module's private functions are called in its own scope. */
  async #ask(call: string, signal: AbortSignal): Promise<Answer | { missing: string } | { problem: string }> {
    clearTimeout(this.#idle);
    if (this.#session?.over) this.#end();
    if (this.#session === undefined) {
      await this.#closing;
      const opened = await PowershellSession.open(this.#deps, signal);
      if (!(opened instanceof PowershellSession)) return opened;
      this.#session = opened;
    }
    const { section, grace, idle } = this.#limits;
    try {
      return await this.#session.ask(`& (Get-Module -Name Kanade) { ${call} }`, section + grace, signal);
    } finally {
      this.#idle = setTimeout(() => this.#end(), idle).unref();
    }
  }

  /** A session that has said what nobody understands is not asked again. */
  #notUnderstood({ stderr }: { stderr: string }, error: unknown): string {
    if (!(error instanceof KanadeError)) throw error;
    this.#end();
    return stderr === '' ? error.message : `${error.message}: ${shortly(stderr)}`;
  }

  #end(): void {
    clearTimeout(this.#idle);
    const session = this.#session;
    this.#session = undefined;
    if (session !== undefined) this.#closing = Promise.all([this.#closing, session.close()]).then(() => {});
  }
}
